import { beforeAll, describe, expect, test } from "vitest";
import { openTcpPorts, openUdpPorts, publicAddresses, shownToTheWorld } from "../../support/scan.ts";
import { sharedFlagship } from "../../support/shared.ts";

/** What the flagship shows to the world: scanned from the machine, which is the public side of its local cloud. */
const site = await sharedFlagship();
let addresses: Record<string, string>;
beforeAll(async () => {
    addresses = await publicAddresses(site);
});

/** Local address of each TCP listener. */
async function allListeners(host: string): Promise<string[]> {
    const shown = await site.on(host, "ss -Hltn");
    return shown.split("\n").map((line) => line.split(/ +/)[3]!);
}

/** Those that are not on loopback. */
const listeners = async (host: string) =>
    (await allListeners(host)).filter((address) => !/^(127\.|\[::1\])/.test(address)).sort();

describe("from outside", () => {
    // Every port there is: long/scan.test.ts.
    test("SSH answers on every host and HTTP on the reserved IP; no other low port does, nor one with a listener", async () => {
        const found = await Promise.all(Object.keys(addresses).map(allListeners));
        const used = new Set(found.flat().map((address) => address.split(":").at(-1)!));
        const hosts = Object.values(addresses);
        const ports = ["1-1024", ...[...used].filter((port) => Number(port) > 1024)].join(",");
        const open = await openTcpPorts([...hosts, site.address], ports);
        expect(open).toEqual(shownToTheWorld(site, hosts));
    });

    test("no usual UDP service answers", async () => {
        const ports = "53,67-69,111,112,123,137,161,443,500,514,1194,1900,4500,4789,5353,11211,51820";
        const found = await openUdpPorts([...Object.values(addresses), site.address], ports);
        expect(Object.values(found).flat()).toEqual([]);
    });
});

describe("on the hosts", () => {
    test.each(["web-0", "web-1"])("%s: nginx listens on the private address only", async (host) => {
        const mine = await site.on(host, `getent hosts ${host} | cut -d ' ' -f 1`);
        expect(mine).toMatch(/^10\./);
        expect(await listeners(host)).toEqual(["0.0.0.0:22", `${mine}:80`]);
    });

    test.each(["lb-0", "lb-1"])("%s: HAProxy listens on the anchor only", async (host) => {
        const anchor = await site.on(
            host,
            "curl -fs http://169.254.169.254/metadata/v1/interfaces/public/0/anchor_ipv4/address",
        );
        expect(await listeners(host)).toEqual(["0.0.0.0:22", `${anchor}:80`]);
    });

    test.each(["lb-0", "web-0"])(
        "%s: the metadata, which holds the host key, answers root only",
        async (host) => {
            const ask = "curl -fsS -m 5 http://169.254.169.254/metadata/v1/hostname";
            expect(await site.on(host, ask)).toBe(host);
            const refused = await site.on(
                host,
                `setpriv --reuid=www-data --clear-groups ${ask} 2>&1 || echo "status $?"`,
            );
            expect(refused).toMatch(/^curl: \(7\) .*\nstatus 7$/);
        },
    );
});
