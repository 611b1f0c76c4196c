import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cloud } from "../../../local/clouds/clouds.ts";
import { down } from "../../../local/clouds/lifecycle.ts";
import { addressIn, HOST_OFFSETS, slice } from "../../../local/network/slices.ts";
import { fetchEvery, fetchOnce, succeeded as served } from "../../../tools/fetching.ts";
import { within } from "../../../tools/waiting.ts";
import { inMs } from "../../faults/pair.ts";
import { type TestStack, testStack } from "../../support/engine.ts";
import { apiOf, flagshipStack, onHost, succeeded, testCloud } from "../../support/flagship.ts";
import { recorded } from "../../support/recorded.ts";
import { keyPair } from "../../support/sshServer.ts";

/** One deployment on its way through everything that may be wrong: each time one clear error, and the next up goes on. */
const CLOUD = "test-bad-input";
let cloud: Cloud;
let stack: TestStack;
let api: ReturnType<typeof apiOf>;
beforeAll(async () => {
    cloud = await testCloud(CLOUD);
    stack = await flagshipStack(cloud);
    api = apiOf(cloud);
});
afterAll(async () => {
    await down(CLOUD);
    stack?.remove();
});

/** The errors of an `up` that fails, without what the engine says whenever one does. */
async function errorsOf(failing: TestStack = stack): Promise<string[]> {
    const { exitCode, output } = await failing.up();
    expect(exitCode, output).not.toBe(0);
    const diagnostics = output.slice(output.indexOf("\nDiagnostics:"));
    return diagnostics
        .split(/^ {4}(?:error|warning): /m)
        .slice(1)
        .filter((error) => !/^update failed/.test(error));
}

const droplets = async () =>
    ((await api("GET", "/v2/droplets?per_page=200")) as { droplets: unknown[] }).droplets.length;

test("an API token that the cloud refuses: nothing is made", async () => {
    await stack.pulumi("config", "set", "--secret", "digitalocean:token", "dop_v1_expired");
    const errors = await errorsOf();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/: 401 .*Unable to authenticate you/);
    for (const kind of ["tags", "vpcs", "account/keys", "firewalls", "reserved_ips"]) {
        const listed = await api("GET", `/v2/${kind}`);
        expect(Object.values(listed)[0], kind).toEqual([]);
    }
    expect(succeeded(await stack.pulumi("stack", "export"))).not.toContain("dop_v1_expired");
    await stack.pulumi("config", "rm", "digitalocean:token");
});

test("a droplet limit that is reached: what could be made stays for the next up", async () => {
    await api("PUT", "/_local/limits", { droplets: 3 });
    const errors = await errorsOf();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain("creating this/these droplet(s) will exceed your droplet limit");
    await api("PUT", "/_local/limits", { droplets: 25 });
});

test("an API that fails for a while is asked again; a failover token that is refused is told, with the API's answer", async () => {
    const failing = (until?: string) => api("POST", "/_local/faults", { error: { status: 500 }, until });
    const failed = async () => {
        const { byStatus } = (await api("GET", "/_local/requests")) as { byStatus: Record<string, number> };
        return byStatus["500"] ?? 0;
    };
    const comeBack = async () => {
        await within(120, "the API to have failed", async () => (await failed()) > 0);
        // Counted from the first request that fails: how soon an engine asks is the machine's affair.
        await api("DELETE", "/_local/faults");
        await failing(inMs(9000));
        const path = "/v2/reserved_ips/";
        await api("POST", "/_local/faults", { error: { status: 403, methods: ["POST"], path } });
    };
    await failing();
    const [errors] = await Promise.all([errorsOf(), comeBack()]);

    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(
        /evenkeel: lb-0: role lb-balancer: not healthy after 30 s: the reserved IP has a holder: nobody has \S+; last try to move it here: assign: HTTP 403 You are not authorized to perform this operation\n\s+The former files are back on this host\./,
    );
    expect(await droplets()).toBe(4);

    await api("DELETE", "/_local/faults");
    succeeded(await stack.up());
    expect(await fetchOnce(await url(), 3000)).toSatisfy(served);
    succeeded(await stack.up("--expect-no-changes"));
});

const url = async () => ((await stack.outputs()) as { url: string }).url;

/** A host's root would be the machine's own disk: so what roles write to moves to a small one. */
const SMALL_DISK = `set -e
mkdir /run/small && mount -t tmpfs -o size=24m small /run/small
for folder in etc var/lib/evenkeel var/www; do
    mkdir -p /run/small/$folder && cp -a /$folder/. /run/small/$folder/ && mount --bind /run/small/$folder /$folder
done`;

test("a disk that is full: the former files stay, the service runs on, and with room again the next up goes on", async () => {
    await onHost(cloud, "web-1", SMALL_DISK);
    await onHost(cloud, "web-1", "cat /dev/zero >/etc/filler 2>/dev/null || true");
    const files = () =>
        onHost(cloud, "web-1", "find /etc/n* /var/www /var/lib/evenkeel -type f | sort | xargs sha256sum");
    const before = await files();
    await stack.pulumi("config", "set", "greeting", "Good evening");

    const load = fetchEvery(await url(), 20);
    const errors = await errorsOf();
    await load.stop();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(
        /^evenkeel: web-1: role web-content: \S+ could not be written \(0 left on the disk\); nothing was changed on this host/,
    );
    expect(load.results.filter((one) => !served(one))).toEqual([]);
    expect(await files()).toBe(before);
    expect(await onHost(cloud, "web-1", "systemctl is-active nginx")).toBe("active");

    await onHost(cloud, "web-1", "rm /etc/filler");
    succeeded(await stack.up());
    expect(await onHost(cloud, "web-1", "cat /var/www/html/index.html")).toContain("Good evening");
});

/** Pools of one host each, all of them web-0, reached in different ways. */
const pools = (ways: Record<string, object>) => `
import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";

const { privateAddress, connection: recorded } = new pulumi.Config().requireObject<any>("web0");
const { perDialTimeout, ...connection } = recorded;
for (const [i, [name, change]] of Object.entries(${JSON.stringify(ways)}).entries()) {
    const host = { name: "web-0", privateAddress, connection: { ...connection, dialErrorLimit: 1, ...(change as object) } };
    new evenkeel.WebPool(name, { hosts: [host], documentRoot: "/srv/" + name, port: 8000 + i, files: { "index.html": "x" } });
}
`;

test("a wrong host key, a wrong SSH key, a host that is not there: each is told, and nothing is run", async () => {
    const { connection } = (await recorded(stack)).find(({ name }) => name === "web-0-web")!.inputs;
    const privateAddress = await onHost(cloud, "web-0", "getent hosts web-0 | cut -d ' ' -f 1");
    const empty = addressIn(slice(cloud.slice), HOST_OFFSETS.last);
    const ways = {
        key: { hostKey: keyPair().publicKey },
        user: { privateKey: keyPair().privateKey },
        gone: { host: empty },
    };
    const other = await testStack({
        files: { "index.ts": pools(ways) },
        secrets: { web0: JSON.stringify({ privateAddress, connection }) },
    });
    const state = () =>
        onHost(
            cloud,
            "web-0",
            "journalctl -q -o cat -t sshd | grep -c ^Accepted; ls /srv /run/evenkeel; sha256sum /usr/local/lib/evenkeel/*",
        );
    const before = await state();
    try {
        const errors = (await errorsOf(other)).map((error) => error.split("\n")[0]!).sort();
        expect(errors).toEqual([
            expect.stringMatching(`dial tcp ${empty}:22: (connect: no route to host|i/o timeout)`),
            "after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch",
            "after 1 failed attempts: ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain",
        ]);
        expect(await state()).toBe(before);

        writeFileSync(join(other.folder, "index.ts"), pools({ key: {} }));
        succeeded(await other.up());
        expect(await onHost(cloud, "web-0", "ls /srv")).toBe("key");
    } finally {
        other.remove();
    }
});
