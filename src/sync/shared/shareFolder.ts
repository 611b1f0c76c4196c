import type * as pulumi from "@pulumi/pulumi";
import { applyRole, commandOnHost } from "../../hosts/applyRole.ts";
import { Authority } from "../../hosts/certificates.ts";
import type { Host } from "../../hosts/host.ts";
import { prepareHost, rollOut } from "../../hosts/hosts.ts";
import { claim } from "../../hosts/inventory.ts";
import { childName } from "../../hosts/roleText.ts";
import { claimTree } from "../../hosts/trees.ts";
import { refuse, when } from "../../hosts/validation.ts";
import { POOL, sharedPackages, sharedPrograms, sharedSteps } from "./role.ts";
import { members, type SharedArgs, sharedHosts, sharedSettings } from "./settings.ts";

/** Words of GlusterFS's command line that are no names of volumes. */
const WORDS = ["all", "description", "end-volume", "force", "option", "subvolumes", "type", "volume"];

/** Takes folders and the hosts' one place in a pool. */
export function claimShared(name: string, args: SharedArgs): void {
    const settings = sharedSettings(name, args);
    refuse(
        "FileSync",
        name,
        when(WORDS.includes(name), "name", `"${name}" is a word of GlusterFS's: take another name`),
    );
    claim("FileSync", name, members(settings), [{ propertyPath: "mode", thing: POOL }]);
    claimTree("FileSync", name, settings.hosts, "path", { path: settings.path });
}

/** The roles of all hosts; by each host's name what to wait for until it has all of the tree. */
export function shareFolder(
    name: string,
    args: SharedArgs,
    child: pulumi.CustomResourceOptions,
): Map<string, pulumi.Resource> {
    const settings = sharedSettings(name, args);
    const all = sharedHosts(args);
    const authority = new Authority(name, child);
    const needs = { packages: sharedPackages, programs: sharedPrograms };
    const ready = all.map((host) => prepareHost(name, host, needs, child));
    const applied: pulumi.Resource[] = [];
    rollOut({ component: name, args: {}, opts: child }, ready, (host, dependsOn) => {
        const certificate = authority.certificate(childName(name, host.name, "shared"), host.name);
        const values = { ca: authority.cert, ...certificate };
        const role = { component: name, kind: "shared", steps: sharedSteps(settings, host.name) };
        const made = applyRole(host, { ...role, hosts: all, values }, { ...child, dependsOn });
        applied.push(made);
        return made;
    });
    const whole = (host: Host) =>
        commandOnHost(
            childName(name, host.name, "whole"),
            host,
            { create: `# Of ${settings.path}.\n/usr/local/lib/evenkeel/sync-volume ${name} wait`, stdin: "" },
            { ...child, dependsOn: applied },
        );
    return new Map(args.hosts.map((host) => [host.name, whole(host)]));
}
