import * as pulumi from "@pulumi/pulumi";
import { listed } from "../content/folder.ts";
import { checksum } from "../content/manifest.ts";
import { type Batch, contentPrograms, type Placed, placeContent } from "../content/places.ts";
import { refuseWrong } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { afterRoles, type ReadyHost, type Roll, readyHosts } from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { daemonAccount } from "../hosts/roleText.ts";
import { noteSite } from "../hosts/sites.ts";
import { claimTree } from "../hosts/trees.ts";
import type { WebPoolArgs } from "./args.ts";
import { engineOf } from "./engines.ts";
import { gatePrograms } from "./gate.ts";
import { type Part, partHosts, partPhp, partProblems, partSteps, partsOf } from "./parts.ts";
import { phpPoolName, phpSocket, siteHome } from "./php.ts";
import { recordedPool } from "./recorded.ts";
import { phpPackages, SERVER, sitePrograms } from "./role.ts";
import { rollGated, rollPart } from "./rolling.ts";
import { siteLayout } from "./site.ts";
import { deployedPaths, siteContent } from "./siteFiles.ts";
import { webPoolArguments } from "./validate.ts";

/** Web hosts that serve the same files with nginx or Apache, and PHP where it is wanted, on their private addresses only. */
export class WebPool extends pulumi.ComponentResource {
    /** The pool's hosts; whoever uses them waits until they serve. */
    readonly hosts: Host[];
    /** Unix user of the pool's PHP, and its group: for a `Database`'s `group`. Nothing without PHP. */
    readonly user: string | undefined;
    /** Folder of the application on each host, where it is the release that is served at that moment. */
    readonly root: string;
    /** Port on the private address. */
    readonly port: number;
    /** Another one with each change of the pool's files; when it is known, all hosts serve them. */
    readonly version: pulumi.Output<string>;
    /** The pool of PHP-FPM that runs it on each host, for a `WebApp`. Nothing without PHP. */
    readonly phpPool: string | undefined;

    constructor(name: string, args: WebPoolArgs, opts?: pulumi.ComponentResourceOptions) {
        const parts = partsOf(args);
        refuseWrong("WebPool", name, args, (at, value) => {
            const problems = webPoolArguments(at, value);
            return [...problems, ...partProblems(name, args ?? {}, parts, problems)];
        });
        for (const part of parts) claimPlaces(name, part);
        super("evenkeel:index:WebPool", name, recordedPool(args), opts);
        tellLeftOut(parts, this);
        const { php = false, phpExtensions: extensions = [] } = args;
        const server = engineOf(args.engine);
        const { user, documentRoot, current } = siteLayout(name, args);
        const child = { parent: this };

        const needs = {
            packages: [
                ...server.packages,
                "python3",
                ...(php ? [...phpPackages, ...extensions.map((each) => `php-${each}`)] : []),
            ],
            programs: [
                ...contentPrograms,
                ...(php ? sitePrograms : []),
                ...(args.gate ? gatePrograms : []),
                ...server.programs,
            ],
            steps: [
                ...(user === undefined || user === SERVER ? [] : [daemonAccount(user, siteHome(name))]),
                ...server.installed,
            ],
            protectedHosts: args.deletionProtection ? Number.POSITIVE_INFINITY : 0,
        };
        const hosts = readyHosts(name, args, needs, child);
        const batches = contentsOf(name, parts, hosts);
        const placed = batches.length > 0 ? placeContent(name, batches, child) : undefined;
        const through = rollParts({ component: name, args, opts: child }, parts, hosts, placed);
        const serving = afterRoles(
            hosts,
            hosts.map(({ host }) => through.get(host.name)!),
        );
        this.hosts = serving.map((host) => withWorkers(name, parts, host));
        this.root = current ?? documentRoot;
        this.port = args.port ?? 80;
        this.version = pulumi
            .all([versionOf(batches), ...serving.map((host) => host.privateAddress)])
            .apply(([version]) => version!);
        this.user = user;
        this.phpPool = user === undefined ? undefined : phpPoolName(name);
        const { root, port, phpPool } = this;
        this.registerOutputs({ hosts: this.hosts, root, port, user, phpPool });
    }
}

const hostsOf = (name: string, part: Part, hosts: ReadyHost[]): ReadyHost[] =>
    partHosts(name, part).map((each) => hosts.find(({ host }) => host.name === each)!);

/** All that the pool serves; nothing when it has no files of its own. */
const contentsOf = (name: string, parts: Part[], hosts: ReadyHost[]): Batch[] =>
    parts.flatMap((part) => {
        const { group, args, source } = part;
        const files = siteContent(name, args, siteLayout(name, args), source.folder);
        return files ? [{ group: group?.name, hosts: hostsOf(name, part, hosts), files }] : [];
    });

const versionOf = (batches: Batch[]): pulumi.Output<string> =>
    pulumi.all(batches.map(({ files }) => files.id)).apply((ids) => checksum(ids.join(" ")));

/** One part after the other. Tells by which resource each host is through. */
function rollParts(
    roll: Roll,
    parts: Part[],
    hosts: ReadyHost[],
    placed: Placed | undefined,
): Map<string, pulumi.Resource> {
    const { component: name } = roll;
    const through = new Map<string, pulumi.Resource>();
    let before: pulumi.Resource[] = [];
    for (const part of parts) {
        const { group, args } = part;
        const { gate, port = 80, healthPath = "/healthz", php } = args;
        const steps = ({ host }: ReadyHost) => partSteps(name, args, host);
        const rolled = { hosts: hostsOf(name, part, hosts), steps, before };
        const gated = { engine: args.engine, port, healthPath, phpSocket: php ? phpSocket(name) : undefined };
        before =
            gate && group && placed
                ? rollGated(roll, { ...rolled, placed }, { ...gated, gate, group: group.name })
                : rollPart(roll, { ...rolled, placed });
        for (const [i, { host }] of rolled.hosts.entries()) through.set(host.name, before[i]!);
    }
    return through;
}

/** Another pool on these hosts may have left its own number. */
function withWorkers(name: string, parts: Part[], { workers: _, ...host }: Host): Host {
    const part = parts.find((each) => partHosts(name, each).includes(host.name))!;
    const workers = partPhp(name, part.args, host)?.workers;
    return workers === undefined ? host : { ...host, workers };
}

function tellLeftOut(parts: Part[], parent: pulumi.Resource): void {
    for (const source of new Set(parts.map((part) => part.source))) {
        const { release, folder } = parts.find((part) => part.source === source)!.args;
        const leftOut = source.folder?.leftOut ?? [];
        if (leftOut.length > 0 && pulumi.runtime.getEngine())
            pulumi.log.info(
                `${release?.folder ?? release?.archive ?? folder}: left out: ${listed(leftOut)}`,
                parent,
            );
    }
}

/** Takes ports, folders and users of a part's hosts. */
function claimPlaces(name: string, part: Part): void {
    const { args, source } = part;
    const { documentRoot, base, user, writable } = siteLayout(name, args);
    const files = deployedPaths(args, source.folder);
    const hosts = partHosts(name, part);
    const { port = 80, release } = args;
    const at = release ? "release" : "documentRoot";
    claim("WebPool", name, hosts, [
        { propertyPath: "port", thing: `port ${port} of the private address` },
        { propertyPath: at, thing: `the folder ${release ? base : documentRoot}` },
        ...(user === undefined || user === SERVER
            ? []
            : [{ propertyPath: "user", thing: `the user ${user}` }]),
    ]);
    if (files.length > 0) claimTree("WebPool", name, hosts, at, { path: base, files });
    if (user !== undefined) noteSite(hosts, { by: `WebPool "${name}"`, user, writable });
}
