import type { Cloud } from "../clouds/clouds.ts";
import { cloudDirectory } from "../directories.ts";
import { readMachines } from "../machines/record.ts";
import type { HostSpec } from "../machines/types.ts";
import { Unable } from "../system/packages.ts";

/** A host by its name or its id. */
export function findHost(cloud: Cloud, wanted: string): HostSpec {
    const { hosts } = readMachines(cloudDirectory(cloud.name));
    const specs = Object.values(hosts).map(({ spec }) => spec);
    const found = specs.filter(({ id, name }) => name === wanted || `${id}` === wanted);
    if (found.length === 1) return found[0]!;
    const known = specs.map(({ name }) => name).join(", ") || "none";
    throw new Unable(
        found.length === 0
            ? `There is no host "${wanted}" in the cloud "${cloud.name}". Hosts: ${known}.`
            : `Several hosts are called "${wanted}": use an id (${found.map(({ id }) => id).join(", ")}).`,
    );
}
