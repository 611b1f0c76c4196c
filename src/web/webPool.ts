import { relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { listed } from "../content/folder.ts";
import { contentPrograms, placeContent } from "../content/places.ts";
import { applyRole } from "../hosts/applyRole.ts";
import { refuseWrong } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { hostNames, readyHosts, recorded, rollOut } from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { daemonAccount } from "../hosts/roleText.ts";
import { noteSite } from "../hosts/sites.ts";
import { claimTree } from "../hosts/trees.ts";
import type { Release, WebPoolArgs } from "./args.ts";
import { engineOf } from "./engine.ts";
import { siteHome } from "./php.ts";
import { phpPackages, SERVER, sitePrograms, type WebPhp, webSteps } from "./role.ts";
import { type SiteLayout, siteLayout } from "./site.ts";
import { deployedPaths, siteContent, sourceOf, sourceProblems } from "./siteFiles.ts";
import { phpSizing } from "./sizing.ts";
import { webPoolArguments } from "./validate.ts";

/** Web hosts that serve the same files with nginx or Apache, and PHP where it is wanted, on their private addresses only. */
export class WebPool extends pulumi.ComponentResource {
    /** The pool's hosts; whoever uses them waits until they serve. */
    readonly hosts: Host[];
    /** Unix user of the pool's PHP, and its group: for a `Database`'s `group`. Nothing without PHP. */
    readonly user: string | undefined;

    constructor(name: string, args: WebPoolArgs, opts?: pulumi.ComponentResourceOptions) {
        const source = sourceOf(args);
        refuseWrong("WebPool", name, args, (at, value) => [
            ...webPoolArguments(at, value),
            ...sourceProblems(args ?? {}, source),
        ]);
        const { folder } = source;
        const layout = siteLayout(name, args);
        claimPlaces(name, args, layout, deployedPaths(args, folder));
        const { port = 80, healthPath = "/healthz" } = args;
        super("evenkeel:index:WebPool", name, recordedArgs(args), opts);
        if (folder?.leftOut.length && pulumi.runtime.getEngine())
            pulumi.log.info(
                `${args.release?.folder ?? args.release?.archive ?? args.folder}: left out: ${listed(folder.leftOut)}`,
                this,
            );
        const { php = false, phpSettings = {}, maxUpload = 64, trustedProxies = PRIVATE_NETWORKS } = args;
        const { phpExtensions: extensions = [] } = args;
        const { documentRoot, user, writable, written, current } = layout;
        const { engine, apacheModules = [] } = args;
        const server = engineOf(engine);
        const child = { parent: this };

        const needs = {
            packages: [
                ...server.packages,
                "python3",
                ...(php ? [...phpPackages, ...extensions.map((each) => `php-${each}`)] : []),
            ],
            programs: [...contentPrograms, ...(php ? sitePrograms : []), ...server.programs],
            steps: [
                ...(user === undefined || user === SERVER ? [] : [daemonAccount(user, siteHome(name))]),
                ...server.installed,
            ],
            protectedHosts: args.deletionProtection ? Number.POSITIVE_INFINITY : 0,
        };
        const hosts = readyHosts(name, args, needs, child);
        const content = siteContent(name, args, layout, folder);
        const placed = content && placeContent(name, hosts, content, child);
        const roles: pulumi.Resource[] = [];
        const ofPhp = ({ name: host }: Host): WebPhp | undefined =>
            user === undefined
                ? undefined
                : { ...phpSizing(host, args), user, extensions, writable, written, settings: phpSettings };
        const serving = rollOut({ component: name, args, opts: child }, hosts, (host, dependsOn) => {
            const steps = webSteps(host.name, {
                pool: name,
                engine,
                documentRoot,
                port,
                healthPath,
                maxUpload,
                trustedProxies,
                staticMaxAge: args.staticMaxAge,
                php: ofPhp(host),
                current,
                apacheModules,
            });
            const role = { component: name, kind: "web", steps, hosts: [host] };
            const published = placed?.published.get(host.name);
            const after = published ? [...dependsOn, published] : dependsOn;
            const applied = applyRole(host, role, { ...child, dependsOn: after });
            roles.push(applied);
            return applied;
        });
        placed?.tidy(roles);
        this.hosts = serving.map((host) => withWorkers(host, ofPhp(host)?.workers));
        this.user = user;
        this.registerOutputs({ hosts: this.hosts, user });
    }
}

/** Another pool on these hosts may have left its own number. */
function withWorkers({ workers: _, ...host }: Host, workers: number | undefined): Host {
    return workers === undefined ? host : { ...host, workers };
}

const PRIVATE_NETWORKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** Takes ports, folders and users of the hosts. */
function claimPlaces(
    name: string,
    args: WebPoolArgs,
    { documentRoot, base, user, writable }: SiteLayout,
    files: string[],
): void {
    const hosts = hostNames(name, args);
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

/** Without texts. Pulumi runs a program in its project's folder: the same checkout elsewhere is no change. */
function recordedArgs({ files: _, folder, release, ...rest }: WebPoolArgs): pulumi.Inputs {
    const here = (path: string) => relative(process.cwd(), path) || ".";
    return {
        ...recorded(rest),
        ...(folder === undefined ? {} : { folder: here(folder) }),
        ...(release === undefined ? {} : { release: recordedRelease(release, here) }),
    };
}

const recordedRelease = ({ folder, archive, ...rest }: Release, here: (path: string) => string) => ({
    ...rest,
    ...(folder === undefined ? {} : { folder: here(folder) }),
    ...(archive === undefined ? {} : { archive: here(archive) }),
});
