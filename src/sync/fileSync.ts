import * as pulumi from "@pulumi/pulumi";
import { applyRole, commandOnHost } from "../hosts/applyRole.ts";
import { refuseWrong } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { prepareHost, rollOut } from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { onceReady } from "../hosts/onceReady.ts";
import { childName } from "../hosts/roleText.ts";
import { claimTree } from "../hosts/trees.ts";
import { noteCopies } from "../hosts/writers.ts";
import type { FileSyncArgs } from "./args.ts";
import { keyValues, syncKeys } from "./keys.ts";
import { syncPrograms } from "./programs.ts";
import { syncPackages, syncSteps } from "./role.ts";
import { answerers, type SyncSettings, settingsOf, syncHosts, syncUser } from "./settings.ts";
import { fileSyncArguments } from "./validate.ts";

/** A folder that several hosts have in common: from one of them, or with all of them writing. */
export class FileSync extends pulumi.ComponentResource {
    /** The hosts, those that `hosts` or `source` and `targets` name; whoever uses them waits until each has its first copy. */
    readonly hosts: Host[];
    /** The folder. */
    readonly path: string;
    /** Where to write: the host to pin an administrator's requests to. Nothing with `twoWay`, where all do. */
    readonly source: Host | undefined;

    constructor(name: string, args: FileSyncArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("FileSync", name, args, fileSyncArguments);
        const settings = settingsOf(name, args);
        const given = syncHosts(args);
        claim("FileSync", name, settings.hosts, [
            { propertyPath: "name", thing: `the user ${syncUser(name)}` },
        ]);
        claimTree("FileSync", name, settings.hosts, "path", { path: settings.path });
        if (settings.source) noteCopies("FileSync", name, settings.source, settings.hosts.slice(1));
        super("evenkeel:index:FileSync", name, recordedArgs(args), opts);
        const child = { parent: this };

        const needs = { packages: syncPackages[settings.mode], programs: syncPrograms(settings.mode) };
        const ready = given.map((host) => prepareHost(name, host, needs, child));
        const keys = syncKeys(settings, child);
        // Who begins finds the others ready.
        const doors = ready.filter(({ host }) => answerers(settings).includes(host.name));
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
            answerers(settings).includes(host.name)
                ? firstCopy(settings, host, { ...child, dependsOn: all })
                : applied.get(host.name)!;
        const whole = new Map(given.map((host) => [host.name, copied(host)]));
        const inOrder = args.hosts ?? given;
        this.hosts = inOrder.map((host) => ({
            ...host,
            privateAddress: onceReady(host.privateAddress, whole.get(host.name)!),
            connection: onceReady(host.connection, whole.get(host.name)!),
        }));
        this.path = settings.path;
        this.source = this.hosts.find((host) => host.name === settings.source);
        this.registerOutputs({ hosts: this.hosts, path: this.path, source: this.source });
    }
}

/** Hosts by name: a connection may hold a credential, and what is recorded is plain. */
const recordedArgs = ({
    source,
    targets,
    hosts,
    conflicts,
    centre,
    ...rest
}: FileSyncArgs): pulumi.Inputs => ({
    ...rest,
    source: source?.name,
    targets: targets?.map(({ name }) => name),
    hosts: hosts?.map(({ name }) => name),
    conflicts: typeof conflicts === "object" ? { prefer: conflicts.prefer.name } : conflicts,
    centre: centre?.name,
});

/** Ends when the host has its first whole copy. */
const firstCopy = ({ name, path }: SyncSettings, host: Host, opts: pulumi.CustomResourceOptions) =>
    commandOnHost(
        childName(name, host.name, "copied"),
        host,
        { create: `# Of ${path}.\n/usr/local/lib/evenkeel/sync-wait ${name}`, stdin: "" },
        opts,
    );
