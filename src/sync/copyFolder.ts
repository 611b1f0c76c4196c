import type * as pulumi from "@pulumi/pulumi";
import { applyRole, commandOnHost } from "../hosts/applyRole.ts";
import type { Host } from "../hosts/host.ts";
import { prepareHost, rollOut } from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { childName } from "../hosts/roleText.ts";
import { claimTree } from "../hosts/trees.ts";
import { noteCopies } from "../hosts/writers.ts";
import { keyValues, syncKeys } from "./keys.ts";
import { syncPrograms } from "./programs.ts";
import { syncPackages, syncSteps } from "./role.ts";
import { type CopyArgs, isAnswerer, type SyncSettings, settingsOf, syncHosts, syncUser } from "./settings.ts";

/** Takes accounts, folders and pins of the hosts for a sync that copies. */
export function claimCopies(name: string, args: CopyArgs): void {
    const { hosts, path, source } = settingsOf(name, args);
    claim("FileSync", name, hosts, [{ propertyPath: "name", thing: `the user ${syncUser(name)}` }]);
    claimTree("FileSync", name, hosts, "path", { path });
    if (source) noteCopies("FileSync", name, source, hosts.slice(1));
}

/** The roles of all hosts; by each host's name what to wait for until it has its first copy. */
export function copyFolder(
    name: string,
    args: CopyArgs,
    child: pulumi.CustomResourceOptions,
): Map<string, pulumi.Resource> {
    const settings = settingsOf(name, args);
    const given = syncHosts(args);
    const needs = { packages: syncPackages[settings.mode], programs: syncPrograms(settings.mode) };
    const ready = given.map((host) => prepareHost(name, host, needs, child));
    const keys = syncKeys(settings, child);
    // Who begins finds the others ready.
    const doors = ready.filter(({ host }) => isAnswerer(settings, host.name));
    const order = [...doors, ...ready.filter((each) => !doors.includes(each))];
    const applied = new Map<string, pulumi.Resource>();
    rollOut({ component: name, args: {}, opts: child }, order, (host, dependsOn) => {
        const values = keyValues(settings, host, given, keys);
        const role = { component: name, kind: "sync", steps: syncSteps(settings, host.name) };
        const made = applyRole(host, { ...role, hosts: given, values }, { ...child, dependsOn });
        applied.set(host.name, made);
        return made;
    });
    const all = [...applied.values()];
    const copied = (host: Host) =>
        isAnswerer(settings, host.name)
            ? firstCopy(settings, host, { ...child, dependsOn: all })
            : applied.get(host.name)!;
    return new Map(given.map((host) => [host.name, copied(host)]));
}

/** Ends when the host has its first whole copy. */
const firstCopy = ({ name, path }: SyncSettings, host: Host, opts: pulumi.CustomResourceOptions) =>
    commandOnHost(
        childName(name, host.name, "copied"),
        host,
        { create: `# Of ${path}.\n/usr/local/lib/evenkeel/sync-wait ${name}`, stdin: "" },
        opts,
    );
