import * as pulumi from "@pulumi/pulumi";
import { refuseWrong } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { hostOnceReady } from "../hosts/onceReady.ts";
import { type FileSyncArgs, SyncMode } from "./args.ts";
import { claimCopies, copyFolder } from "./copyFolder.ts";
import type { CopyArgs } from "./settings.ts";
import type { SharedArgs } from "./shared/settings.ts";
import { claimShared, shareFolder } from "./shared/shareFolder.ts";
import { fileSyncArguments } from "./validate.ts";

/** A folder that several hosts have in common: from one of them, with all of them writing, or as one tree. */
export class FileSync extends pulumi.ComponentResource {
    /** The hosts, those that `hosts` or `source` and `targets` name; whoever uses them waits until each has its first copy. */
    readonly hosts: Host[];
    /** The folder. */
    readonly path: string;
    /** Where to write: the host to pin an administrator's requests to. Nothing with `twoWay` and `shared`, where all do. */
    readonly source: Host | undefined;

    constructor(name: string, args: FileSyncArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("FileSync", name, args, fileSyncArguments);
        if (isShared(args)) claimShared(name, args);
        else claimCopies(name, args as CopyArgs);
        super("evenkeel:index:FileSync", name, recordedArgs(args), opts);
        const child = { parent: this };

        const whole = isShared(args)
            ? shareFolder(name, args, child)
            : copyFolder(name, args as CopyArgs, child);
        const inOrder = args.hosts ?? [args.source!, ...args.targets!];
        this.hosts = inOrder.map((host) => hostOnceReady(host, whole.get(host.name)!));
        this.path = args.path;
        this.source = this.hosts.find((host) => host.name === args.source?.name);
        this.registerOutputs({ hosts: this.hosts, path: this.path, source: this.source });
    }
}

const isShared = (args: FileSyncArgs): args is FileSyncArgs & SharedArgs => args.mode === SyncMode.Shared;

/** Hosts by name: a connection may hold a credential, and what is recorded is plain. */
const recordedArgs = ({
    source,
    targets,
    hosts,
    conflicts,
    centre,
    arbiter,
    ...rest
}: FileSyncArgs): pulumi.Inputs => ({
    ...rest,
    source: source?.name,
    targets: targets?.map(({ name }) => name),
    hosts: hosts?.map(({ name }) => name),
    conflicts: typeof conflicts === "object" ? { prefer: conflicts.prefer.name } : conflicts,
    centre: centre?.name,
    arbiter: arbiter?.name,
});
