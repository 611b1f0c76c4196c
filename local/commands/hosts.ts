import type { Cloud } from "../clouds/clouds.ts";
import { cloudDirectory } from "../directories.ts";
import { type HostRecord, readMachines } from "../machines/record.ts";
import type { HostSpec } from "../machines/types.ts";
import { Unable } from "../system/packages.ts";

/** A host that is on, by its name or its id. */
export const findHost = (cloud: Cloud, wanted: string): HostSpec => findRecord(cloud, wanted).spec;

/** The id by which its provider's API knows the host. */
export const idOf = ({ id, instanceId }: HostSpec) => instanceId ?? `${id}`;

/** The same with what is known of its present state. */
export function findRecord(cloud: Cloud, wanted: string): HostRecord {
    const hosts = Object.values(readMachines(cloudDirectory(cloud.name)).hosts);
    const found = hosts.filter(({ spec }) => [spec.name, idOf(spec)].includes(wanted));
    if (found.length === 1) {
        if (found[0]!.power === "on") return found[0]!;
        throw new Unable(`${wanted} is off.`);
    }
    const known = hosts.map(({ spec }) => spec.name).join(", ") || "none";
    throw new Unable(
        found.length === 0
            ? `There is no host "${wanted}" in the cloud "${cloud.name}". Hosts: ${known}.`
            : `Several hosts are called "${wanted}": use an id (${found.map(({ spec }) => idOf(spec)).join(", ")}).`,
    );
}
