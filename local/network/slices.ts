/** A /26 of the documentation ranges: the public addresses of one local cloud. */
export interface Slice {
    /** 0 to 11. */
    index: number;
    /** Such as 203.0.113.64/26. */
    cidr: string;
    /** The router of the hosts, where the API answers too. */
    gateway: string;
    /** The machine's own address towards the hosts: the source of whatever it sends them. */
    machine: string;
    /** Prefix length of the hosts' public interfaces; the reserved IPs are outside of it. */
    hostPrefix: number;
}

const RANGES = ["203.0.113", "198.51.100", "192.0.2"];
const PER_RANGE = 4;

export const SLICE_COUNT = RANGES.length * PER_RANGE;
export const HOST_OFFSETS = { first: 2, last: 30 };
export const RESERVED_OFFSETS = { first: 34, last: 61 };

export function slice(index: number): Slice {
    if (!Number.isInteger(index) || index < 0 || index >= SLICE_COUNT) {
        throw new RangeError(`there is no slice ${index}`);
    }
    return {
        index,
        cidr: `${at(index, 0)}/26`,
        gateway: at(index, 1),
        machine: at(index, 62),
        hostPrefix: 27,
    };
}

/** The address at an offset of the slice. */
export function addressIn(of: Slice, offset: number): string {
    if (!Number.isInteger(offset) || offset < 0 || offset > 63) {
        throw new RangeError(`a slice has no offset ${offset}`);
    }
    return at(of.index, offset);
}

/** The lowest slice that no other cloud has and in whose range the machine uses no address. */
export function freeSlice(taken: Iterable<number>, inUse: string[]): Slice | undefined {
    const used = new Set(taken);
    for (let index = 0; index < SLICE_COUNT; index++) {
        const candidate = slice(index);
        if (!used.has(index) && !inUse.some((address) => overlaps(address, candidate.cidr))) {
            return candidate;
        }
    }
    return undefined;
}

export function overlaps(one: string, other: string): boolean {
    const [first, second] = [parse(one), parse(other)];
    const shift = 32 - Math.min(first.prefix, second.prefix);
    return shift === 32 || first.address >>> shift === second.address >>> shift;
}

function parse(cidr: string): { address: number; prefix: number } {
    const [address = "", prefix = "32"] = cidr.split("/");
    const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    return { address: number >>> 0, prefix: Number(prefix) };
}

function at(index: number, offset: number): string {
    return `${RANGES[Math.floor(index / PER_RANGE)]}.${(index % PER_RANGE) * 64 + offset}`;
}
