import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { sharedFlagship } from "../../support/shared.ts";

/** What the flagship shows to the world: scanned from the machine, which is the public side of its local cloud. */
const site = await sharedFlagship();
/** Public addresses of the hosts by name. */
let addresses: Record<string, string>;
beforeAll(async () => {
    addresses = await publicAddresses();
    await installNmap();
});

interface Droplet {
    name: string;
    networks: { v4: { type: string; ip_address: string }[] };
}

async function publicAddresses(): Promise<Record<string, string>> {
    const { droplets } = (await site.api("GET", "/v2/droplets?per_page=200")) as { droplets: Droplet[] };
    return Object.fromEntries(
        droplets.map(({ name, networks }) => [
            name,
            networks.v4.find(({ type }) => type === "public")!.ip_address,
        ]),
    );
}

async function installNmap(): Promise<void> {
    if (!(await execa("nmap", ["--version"], { reject: false })).failed) return;
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await execa("apt-get", ["update"], { env });
    await execa("apt-get", ["install", "--yes", "--no-install-recommends", "nmap"], { env });
}

/** The ports that answer, by address. */
async function openPorts(...how: string[]): Promise<Record<string, string[]>> {
    const all = [...Object.values(addresses), site.address];
    const { stdout } = await execa("nmap", [...how, "-Pn", "-n", "-oG", "-", ...all]);
    const found = stdout.split("\n").flatMap((line) => {
        const [, address, ports] = /^Host: (\S+) .*Ports: ([^\t]*)/.exec(line) ?? [];
        const open = (ports ?? "").split(", ").filter((port) => port.split("/")[1] === "open");
        return address ? [[address, open.map((port) => port.split("/")[0]!)] as const] : [];
    });
    return Object.fromEntries(found);
}

describe("from outside", () => {
    test("of all TCP ports, SSH answers on every host and HTTP on the reserved IP, and nothing else", async () => {
        // Firewalls answer nothing: a probe is repeated once, and none is waited for long.
        const quick = ["-T4", "--max-retries", "1", "--max-rtt-timeout", "200ms", "--min-rate", "8000"];
        const found = await openPorts("-sS", "-p", "1-65535", ...quick);
        const expected = Object.values(addresses).map((address) => [address, ["22"]]);
        expect(found).toEqual({ ...Object.fromEntries(expected), [site.address]: ["80"] });
    });

    test("no usual UDP service answers", async () => {
        const ports = "53,67-69,111,112,123,137,161,443,500,514,1194,1900,4500,4789,5353,11211,51820";
        const found = await openPorts("-sU", "-p", ports, "--max-retries", "1", "--max-rtt-timeout", "300ms");
        expect(Object.values(found).flat()).toEqual([]);
    });
});

/** Address and port of each TCP listener that is not on loopback. */
async function listeners(host: string): Promise<string[]> {
    const shown = await site.on(host, "ss -Hltn");
    return shown
        .split("\n")
        .map((line) => line.split(/ +/)[3]!)
        .filter((address) => !/^(127\.|\[::1\])/.test(address))
        .sort();
}

describe("on the hosts", () => {
    test.each(["web-0", "web-1"])("%s: nginx listens on the private address only", async (host) => {
        const mine = await site.on(host, `getent hosts ${host} | cut -d ' ' -f 1`);
        expect(mine).toMatch(/^10\./);
        expect(await listeners(host)).toEqual(["0.0.0.0:22", `${mine}:80`, "[::]:22"]);
    });

    test.each(["lb-0", "lb-1"])("%s: HAProxy listens on the anchor only", async (host) => {
        const anchor = await site.on(
            host,
            "curl -fs http://169.254.169.254/metadata/v1/interfaces/public/0/anchor_ipv4/address",
        );
        expect(await listeners(host)).toEqual(["0.0.0.0:22", `${anchor}:80`, "[::]:22"]);
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
