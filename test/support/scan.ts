import { execa } from "execa";
import type { Flagship } from "./flagship.ts";
import { addressOf, type Droplet } from "./ownHosts.ts";

/** Public addresses of the hosts by name. */
export async function publicAddresses(site: Flagship): Promise<Record<string, string>> {
    const { droplets } = (await site.api("GET", "/v2/droplets?per_page=200")) as { droplets: Droplet[] };
    return Object.fromEntries(droplets.map((droplet) => [droplet.name, addressOf(droplet, "public")]));
}

/** Firewalls answer nothing: a probe is repeated once, and none is waited for long. */
const QUICK = ["-T4", "--max-retries", "1", "--max-rtt-timeout", "200ms", "--min-rate", "8000"];

/** The TCP ports that answer, of those named, by address. */
export const openTcpPorts = (addresses: string[], ports: string) =>
    openPorts(addresses, "-sS", "-p", ports, ...QUICK);

/** The UDP ports from which something comes back. */
export const openUdpPorts = (addresses: string[], ports: string) =>
    openPorts(addresses, "-sU", "-p", ports, "--max-retries", "1", "--max-rtt-timeout", "300ms");

async function openPorts(addresses: string[], ...how: string[]): Promise<Record<string, string[]>> {
    await installNmap();
    const { stdout } = await execa("nmap", [...how, "-Pn", "-n", "-oG", "-", ...addresses]);
    const found = stdout.split("\n").flatMap((line) => {
        const [, address, ports] = /^Host: (\S+) .*Ports: ([^\t]*)/.exec(line) ?? [];
        const open = (ports ?? "").split(", ").filter((port) => port.split("/")[1] === "open");
        return address ? [[address, open.map((port) => port.split("/")[0]!)] as const] : [];
    });
    return Object.fromEntries(found);
}

async function installNmap(): Promise<void> {
    if (!(await execa("nmap", ["--version"], { reject: false })).failed) return;
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await execa("apt-get", ["update"], { env });
    await execa("apt-get", ["install", "--yes", "--no-install-recommends", "nmap"], { env });
}

/** What a scan of the flagship has to find: SSH on every host, HTTP on the reserved IP, and nothing else. */
export const shownToTheWorld = (site: Flagship, hosts: string[]) => ({
    ...Object.fromEntries(hosts.map((address) => [address, ["22"]])),
    [site.address]: ["80"],
});
