import { isIPv4, isIPv6 } from "node:net";

export interface Range {
    first: number;
    last: number;
    prefix: number;
}

export function toNumber(address: string): number {
    return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function toAddress(number: number): string {
    return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}

/** The range of an IPv4 CIDR, or undefined when it is none or has host bits set. */
export function parseRange(cidr: string): Range | undefined {
    const [address = "", prefixText = "", ...rest] = cidr.split("/");
    const prefix = Number(prefixText);
    if (rest.length > 0 || !isIPv4(address) || !/^\d{1,2}$/.test(prefixText) || prefix > 32) return undefined;
    const first = toNumber(address);
    const size = 2 ** (32 - prefix);
    return first % size === 0 ? { first, last: first + size - 1, prefix } : undefined;
}

export function overlaps(a: Range, b: Range): boolean {
    return a.first <= b.last && b.first <= a.last;
}

export function isWithin(inner: Range, outer: Range): boolean {
    return outer.first <= inner.first && inner.last <= outer.last;
}

const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((cidr) => parseRange(cidr)!);

/** Whether all of it is within the ranges of RFC 1918. */
export function isPrivate(range: Range): boolean {
    return privateRanges.some((outer) => isWithin(range, outer));
}

export function netmask(prefix: number): string {
    return toAddress(2 ** 32 - 2 ** (32 - prefix));
}

/** The lowest address from `first` to `last` that nobody has. */
export function lowestFree(first: number, last: number, taken: Iterable<string>): string | undefined {
    const used = new Set(taken);
    for (let number = first; number <= last; number++) {
        const address = toAddress(number);
        if (!used.has(address)) return address;
    }
    return undefined;
}

/** An IPv4 or IPv6 address, alone or with a prefix length. */
export function isAddressOrRange(text: string): boolean {
    const [address = "", prefix, ...rest] = text.split("/");
    if (rest.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return false;
    if (isIPv4(address)) return Number(prefix ?? 32) <= 32;
    return isIPv6(address) && Number(prefix ?? 128) <= 128;
}

export function isIpv4AddressOrRange(text: string): boolean {
    return isIPv4(text.split("/")[0] ?? "");
}
