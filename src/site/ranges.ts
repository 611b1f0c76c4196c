import { BlockList } from "node:net";
import { thisRun } from "../hosts/inventory.ts";
import { refuse } from "../hosts/validation.ts";

/** The private ranges that a run's sites ask for, by the sites' names. */
const ranges = new WeakMap<object, Map<string, string>>();

/** Refuses a range of which another site of the program has a part: no host could tell the one's hosts from the other's. */
export function claimRange(site: string, range: string): void {
    const taken = ranges.get(thisRun()) ?? new Map<string, string>();
    ranges.set(thisRun(), taken);
    const other = [...taken].find(([name, each]) => name !== site && overlap(each, range));
    if (other) {
        const reason = `"${range}" and "${other[1]}" of Site "${other[0]}" have addresses in common: give each site its own`;
        refuse("Site", site, [{ propertyPath: "ipRange", reason }]);
    }
    taken.set(site, range);
}

/** Of two ranges with their host bits zero the smaller one lies in the larger one, or outside. */
const overlap = (one: string, other: string) => has(one, other) || has(other, one);

function has(range: string, other: string): boolean {
    const [network = "", bits] = range.split("/");
    const block = new BlockList();
    block.addSubnet(network, Number(bits));
    return block.check(other.split("/")[0]!);
}
