import { readFileSync } from "node:fs";
import { join } from "node:path";
import ssh2 from "ssh2";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Cloud } from "../../local/clouds/clouds.ts";
import { down } from "../../local/clouds/lifecycle.ts";
import { killContainer } from "../../local/machines/container.ts";
import { unplugHost } from "../../local/network/hostNetwork.ts";
import { fetchOnce, succeeded as served } from "../../tools/fetching.ts";
import { type TestStack, testStack } from "../support/engine.ts";
import { apiOf, cloudEnvironment, editFile, onHost, succeeded, testCloud } from "../support/flagship.ts";

/** Hosts that Pulumi did not make, with firewalls of their own: examples/own-hosts on droplets made by hand. */
const CLOUD = "test-own-hosts";
const NAMES = ["alpha", "beta", "gamma"] as const;
const VIRTUAL = "10.77.0.100";

interface Droplet {
    id: number;
    name: string;
    status: string;
    networks: { v4: { type: string; ip_address: string }[] };
}

let cloud: Cloud;
let stack: TestStack;
let api: ReturnType<typeof apiOf>;
let droplets: Droplet[];
/** How each host's SSH and firewall were before the library came. */
let before: string[];
const userKey = ssh2.utils.generateKeyPairSync("ed25519");
const hostKey = ssh2.utils.generateKeyPairSync("ed25519");

beforeAll(async () => {
    cloud = await testCloud(CLOUD);
    api = apiOf(cloud);
    droplets = await makeDroplets();
    for (const name of NAMES) await ownFirewall(name);
    before = await Promise.all(NAMES.map(own));
    stack = await testStack({
        program: "examples/own-hosts",
        config: {
            virtualAddress: `${VIRTUAL}/24`,
            hosts: JSON.stringify(
                droplets.map((droplet) => ({
                    name: droplet.name,
                    address: addressOf(droplet, "private"),
                    ssh: addressOf(droplet, "public"),
                    hostKey: hostKey.public,
                })),
            ),
        },
        secrets: { sshKey: userKey.private, failoverToken: cloud.failoverToken },
        env: cloudEnvironment(cloud),
    });
});
afterAll(async () => {
    await down(CLOUD);
    stack?.remove();
});

const addressOf = ({ networks }: Droplet, type: "public" | "private") =>
    networks.v4.find((each) => each.type === type)!.ip_address;

async function makeDroplets(): Promise<Droplet[]> {
    const region = "fra1";
    const { vpc } = (await api("POST", "/v2/vpcs", { name: "own", region, ip_range: "10.77.0.0/24" })) as {
        vpc: { id: string };
    };
    const { ssh_key: key } = (await api("POST", "/v2/account/keys", {
        name: "own",
        public_key: userKey.public,
    })) as { ssh_key: { id: number } };
    await api("POST", "/v2/droplets", {
        names: NAMES,
        region,
        size: "s-1vcpu-1gb",
        image: "debian-12-x64",
        ssh_keys: [key.id],
        vpc_uuid: vpc.id,
        user_data: `#cloud-config\n${JSON.stringify({
            ssh_keys: { ed25519_private: hostKey.private, ed25519_public: hostKey.public },
        })}\n`,
    });
    const list = async () => ((await api("GET", "/v2/droplets")) as { droplets: Droplet[] }).droplets;
    const active = async () => {
        const found = await list();
        expect(found.map(({ status }) => status)).toEqual(NAMES.map(() => "active"));
    };
    await vi.waitFor(active, { timeout: 120_000, interval: 500 });
    return (await list()).sort((a, b) => a.name.localeCompare(b.name));
}

/** What the library asks of a firewall that is not its own: the listeners' port, and the balancers among each other. */
async function ownFirewall(host: string): Promise<void> {
    await vi.waitFor(() => onHost(cloud, host, "cloud-init status --wait"), {
        timeout: 120_000,
        interval: 500,
    });
    await onHost(
        cloud,
        host,
        `cat >/etc/nftables.conf <<'EOF' && systemctl enable --now nftables
flush ruleset
table inet mine {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        iif lo accept
        tcp dport { 22, 80 } accept
        ip saddr 10.77.0.0/24 udp dport 4789 accept
        iifname "evenkeel-vrrp" accept
    }
}
EOF`,
    );
}

const own = (host: string) =>
    onHost(
        cloud,
        host,
        "nft list ruleset; sshd -T | sort; sha256sum /etc/nftables.conf /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*",
    );

const idOf = (name: string) => droplets.find((droplet) => droplet.name === name)!.id;

/** Which of the balancers carry the virtual address. */
async function carriers(hosts: readonly string[] = NAMES.slice(0, 2)): Promise<string[]> {
    const carries = await Promise.all(
        hosts.map((host) => onHost(cloud, host, `ip -4 -o address show to ${VIRTUAL}`).catch(() => "")),
    );
    return hosts.filter((_, i) => carries[i] !== "");
}

/** Asks for the page from the third host every 50 ms until told to stop; gives the longest time without an answer. */
async function watchedFromGamma() {
    const loop = `while sleep 0.05; do
        curl -s -m 1 -o /dev/null -w "%{http_code} $(date +%s%3N)\\n" http://${VIRTUAL}/ >>/run/answers
    done`;
    await onHost(cloud, "gamma", `rm -f /run/answers; systemd-run -q --unit=asking bash -c '${loop}'`);
    return async () => {
        await onHost(cloud, "gamma", "systemctl stop asking");
        const lines = (await onHost(cloud, "gamma", "cat /run/answers")).split("\n");
        const good = lines.filter((line) => line.startsWith("200 ")).map((line) => Number(line.slice(4)));
        return Math.max(...good.slice(1).map((at, i) => at - good[i]!));
    };
}

const fromGamma = (flags = "") => onHost(cloud, "gamma", `curl -s -m 3 ${flags} http://${VIRTUAL}/`);

describe("with an address of their own network", () => {
    test("the page is served at it, by all three, and a second up has nothing to do", async () => {
        succeeded(await stack.up());
        expect(await stack.outputs()).toEqual({ url: `http://${VIRTUAL}/` });
        expect(await carriers()).toHaveLength(1);
        expect(await fromGamma()).toContain("Hello from my own hosts");
        const answers = await onHost(
            cloud,
            "gamma",
            `for i in $(seq 30); do curl -s -m 3 -D - -o /dev/null http://${VIRTUAL}/; done | tr -d '\\r' | sed -n 's/^x-served-by: //p' | sort | uniq -c`,
        );
        expect(answers.split("\n").map((line) => line.trim())).toEqual(["10 alpha", "10 beta", "10 gamma"]);
        succeeded(await stack.up("--expect-no-changes"));
    });

    test("SSH and firewall of the hosts are as they were", async () => {
        expect(await Promise.all(NAMES.map(own))).toEqual(before);
    });

    test("the address moves when its host dies, and when its keepalived stops", async () => {
        const [first = ""] = await carriers();
        const stop = await watchedFromGamma();
        await unplugHost(CLOUD, idOf(first));
        await killContainer(CLOUD, idOf(first));
        await expect
            .poll(
                () =>
                    fromGamma("-f").then(
                        () => true,
                        () => false,
                    ),
                { timeout: 15_000 },
            )
            .toBe(true);
        const [second = ""] = await carriers(NAMES.filter((name) => name !== first));
        expect(second).not.toBe("");
        await api("POST", `/v2/droplets/${idOf(first)}/actions`, { type: "power_on" });
        const ready = () => onHost(cloud, first, "systemctl is-active keepalived haproxy").catch(() => "off");
        await expect.poll(ready, { timeout: 60_000, interval: 500 }).toBe("active\nactive");
        const gap = await stop();

        const stopAgain = await watchedFromGamma();
        await expect
            .poll(
                () =>
                    onHost(
                        cloud,
                        first,
                        "journalctl -b -u keepalived | grep -c 'Entering BACKUP STATE' || true",
                    ),
                { timeout: 20_000 },
            )
            .not.toBe("0");
        await onHost(cloud, second, "systemctl stop keepalived");
        await expect.poll(() => carriers(), { timeout: 10_000 }).toEqual([first]);
        await onHost(cloud, second, "systemctl start keepalived");
        const gapAgain = await stopAgain();
        console.log(
            `without an answer: ${gap} ms when the host died, ${gapAgain} ms when keepalived stopped`,
        );
        expect(gap).toBeLessThan(5000);
        expect(gapAgain).toBeLessThan(3000);
    });
});

describe("with a reserved IP of their cloud", () => {
    test("the same hosts, told what they are to the cloud: the page is served there, from outside", async () => {
        const program = join(stack.folder, "index.ts");
        const ids = JSON.stringify(Object.fromEntries(droplets.map(({ id, name }) => [name, String(id)])));
        editFile(
            program,
            "    privateAddress: address,",
            `    privateAddress: address,\n    cloud: "digitalocean" as const,\n    id: (${ids} as Record<string, string>)[name]!,\n    region: "fra1",`,
        );
        editFile(
            program,
            'virtualAddress: config.require("virtualAddress"),',
            'failoverToken: config.requireSecret("failoverToken"),',
        );
        expect(readFileSync(program, "utf8")).not.toContain("virtualAddress:");
        succeeded(await stack.up());
        const { url } = (await stack.outputs()) as { url: string };
        await expect.poll(async () => served(await fetchOnce(url, 2000)), { timeout: 10_000 }).toBe(true);
        expect(await carriers()).toEqual([]);
        succeeded(await stack.up("--expect-no-changes"));
    });

    test("their firewalls are theirs, in the cloud and on the hosts", async () => {
        expect(((await api("GET", "/v2/firewalls")) as { firewalls: unknown[] }).firewalls).toEqual([]);
        expect(await Promise.all(NAMES.map(own))).toEqual(before);
    });
});
