import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

/**
 * What the machine itself uses, as addresses or CIDRs, and a cloud must not take from it: its routes, its name
 * servers, and the addresses of the given URLs. Sandboxed networks hand out documentation addresses for real names.
 */
export async function addressesInUse(urls: string[]): Promise<string[]> {
    return [...(await routes()), ...(await addressesOf(urls)), ...nameServers()];
}

export async function addressesOf(urls: string[]): Promise<string[]> {
    const hosts = new Set(urls.map((url) => new URL(url).hostname));
    return (await Promise.all([...hosts].map(resolve))).flat();
}

async function routes(): Promise<string[]> {
    const { stdout } = await execa("ip", ["-4", "-json", "route", "show", "table", "all"]);
    const all = JSON.parse(stdout) as { dst: string; gateway?: string }[];
    // The halves of everything, as a VPN has them, say nothing about any address.
    const isDefault = (address: string) => Number(address.split("/")[1] ?? 32) < 8;
    const addresses = all
        .flatMap(({ dst, gateway }) => [dst, gateway])
        .filter((address) => isAddress(address));
    return addresses.filter((address) => !isDefault(address));
}

/** Nothing when the name is unknown, or the answer is long in coming. */
async function resolve(host: string): Promise<string[]> {
    const found = lookup(host, { all: true, family: 4 }).catch(() => []);
    const answer = await Promise.race([found, sleep(2000, [], { ref: false })]);
    return answer.map(({ address }) => address);
}

function nameServers(): string[] {
    const text = readFileSync("/etc/resolv.conf", "utf8");
    return [...text.matchAll(/^nameserver\s+(\S+)/gm)]
        .map((match) => match[1])
        .filter((address) => isAddress(address));
}

function isAddress(text: string | undefined): text is string {
    return text !== undefined && /^[0-9.]+(\/\d+)?$/.test(text);
}
