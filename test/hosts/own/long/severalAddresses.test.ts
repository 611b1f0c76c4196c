import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { power, pullPlug } from "../../../faults/hosts.ts";
import { apiOf, editFile, onHost, succeeded } from "../../../support/flagship.ts";
import { carriers, VIRTUAL, watchedFromGamma } from "../../../support/ownHosts.ts";
import { sharedOwnHosts } from "../../../support/shared.ts";

const { cloud, stack } = await sharedOwnHosts();
const SECOND = "10.77.0.101";
const BALANCERS = ["alpha", "beta"];

let put: () => void;
beforeAll(async () => {
    put = editFile(
        join(stack.folder, "index.ts"),
        'virtualAddress: config.require("virtualAddress"),',
        `virtualAddresses: [config.require("virtualAddress"), "${SECOND}/24"], failBackDelay: 5,`,
    );
    succeeded(await stack.up());
}, 300_000);
afterAll(async () => {
    put();
    succeeded(await stack.up());
}, 300_000);

/** Who of these has the first address, and who the second; nobody unless it answers. */
async function holders(among = BALANCERS): Promise<string[]> {
    const answers = async (address: string) => {
        const [holder = "nobody", another] = await carriers(cloud, among, address);
        const page = await onHost(cloud, "gamma", `curl -fs -m 2 http://${address}/`).catch(() => "");
        return page.includes("Hello") && another === undefined ? holder : "nobody";
    };
    return Promise.all([VIRTUAL, SECOND].map(answers));
}
const split = () =>
    within(60, "each address to be with its host", async () => `${await holders()}` === "alpha,beta", 500);
const both = (host: string) =>
    within(20, `${host} to have both`, async () => `${await holders([host])}` === `${host},${host}`, 300);

test("each address is with a host of its own, and a second up has nothing to do", async () => {
    await split();
    succeeded(await stack.up("--expect-no-changes"));
});

test("both are with who is left when VRRP stops on the other, and are split again", async () => {
    await onHost(cloud, "alpha", "systemctl stop keepalived");
    await both("beta");
    await onHost(cloud, "alpha", "systemctl start keepalived");
    await split();
});

test("planned work on a host leaves its address to the other one", async () => {
    const planned = (what: string) =>
        onHost(cloud, "beta", `/usr/local/lib/evenkeel/planned-work ${what} beta`);
    await planned("drain");
    expect(await holders()).toEqual(["alpha", "alpha"]);
    await planned("resume");
    await split();
});

test("both are with who is left when a host dies, and are split again when it is back", async () => {
    const stop = await watchedFromGamma(cloud);
    try {
        await pullPlug({ cloud }, "beta");
        await both("alpha");
        // The address of the host that lives was never away; a page may have been asked of the dead one, twice for a second.
        expect(await stop()).toBeLessThan(4000);
    } finally {
        await power({ cloud, api: apiOf(cloud) }, "beta", "on");
    }
    await split();
});

test("with one again nothing of the second is left, and the first has been there throughout", async () => {
    put();
    const stop = await watchedFromGamma(cloud);
    succeeded(await stack.up());
    expect(await stop()).toBeLessThan(1000);
    put = () => {};
    for (const host of BALANCERS) {
        const left = await onHost(
            cloud,
            host,
            `ip -4 -o address show to ${SECOND}; ls /etc/evenkeel/balancers/lb_10_77_0_101 2>/dev/null; systemctl --plain --no-legend list-units 'evenkeel-watch@*_*'; ss -Hltn 'src ${SECOND}'`,
        );
        expect(left).toBe("");
    }
});
