import { relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { listed } from "../content/folder.ts";
import { contentPrograms, placeContent } from "../content/places.ts";
import { applyRole } from "../hosts/applyRole.ts";
import { refuseWrong } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { hostNames, readyHosts, recorded, rollOut } from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { claimTree } from "../hosts/trees.ts";
import type { WebPoolArgs } from "./args.ts";
import { phpPackages, webSteps } from "./role.ts";
import { deployedPaths, folderOf, folderProblems, siteContent } from "./siteFiles.ts";
import { phpSizing } from "./sizing.ts";
import { webPoolArguments } from "./validate.ts";

/** Web hosts that serve the same files with nginx, and PHP where it is wanted, on their private addresses only. */
export class WebPool extends pulumi.ComponentResource {
    /** The pool's hosts; whoever uses them waits until they serve. */
    readonly hosts: Host[];

    constructor(name: string, args: WebPoolArgs, opts?: pulumi.ComponentResourceOptions) {
        const folder = folderOf(args);
        refuseWrong("WebPool", name, args, (at, value) => [
            ...webPoolArguments(at, value),
            ...folderProblems(args ?? {}, folder),
        ]);
        const { documentRoot = "/var/www/html", port = 80, healthPath = "/healthz" } = args;
        claim("WebPool", name, hostNames(name, args), [
            { propertyPath: "port", thing: `port ${port} of the private address` },
            { propertyPath: "documentRoot", thing: `the folder ${documentRoot}` },
        ]);
        const files = deployedPaths(args, folder);
        if (files.length > 0)
            claimTree("WebPool", name, hostNames(name, args), "documentRoot", { path: documentRoot, files });
        super("evenkeel:index:WebPool", name, recordedArgs(args), opts);
        if (folder?.leftOut.length && pulumi.runtime.getEngine())
            pulumi.log.info(`${args.folder}: left out: ${listed(folder.leftOut)}`, this);
        const { php = false, phpSettings = {}, maxUpload = 64, trustedProxies = PRIVATE_NETWORKS } = args;
        const child = { parent: this };

        const needs = {
            packages: ["nginx-light", "python3", ...(php ? phpPackages : [])],
            programs: contentPrograms,
            protectedHosts: args.deletionProtection ? Number.POSITIVE_INFINITY : 0,
        };
        const hosts = readyHosts(name, args, needs, child);
        const content = siteContent(name, args, folder);
        const placed = content && placeContent(name, hosts, content, child);
        const roles: pulumi.Resource[] = [];
        const sizing = (host: Host) => (php ? phpSizing(host.name, args) : undefined);
        const serving = rollOut({ component: name, args, opts: child }, hosts, (host, dependsOn) => {
            const sized = sizing(host);
            const steps = webSteps(host.name, {
                pool: name,
                documentRoot,
                port,
                healthPath,
                maxUpload,
                trustedProxies,
                staticMaxAge: args.staticMaxAge,
                php: sized && { ...sized, settings: phpSettings },
            });
            const role = { component: name, kind: "web", steps, hosts: [host] };
            const published = placed?.published.get(host.name);
            const after = published ? [...dependsOn, published] : dependsOn;
            const applied = applyRole(host, role, { ...child, dependsOn: after });
            roles.push(applied);
            return applied;
        });
        placed?.tidy(roles);
        this.hosts = serving.map((host) => withWorkers(host, sizing(host)?.workers));
        this.registerOutputs({ hosts: this.hosts });
    }
}

/** Another pool on these hosts may have left its own number. */
function withWorkers({ workers: _, ...host }: Host, workers: number | undefined): Host {
    return workers === undefined ? host : { ...host, workers };
}

const PRIVATE_NETWORKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** Without texts. Pulumi runs a program in its project's folder: the same checkout elsewhere is no change. */
function recordedArgs({ files: _, folder, ...rest }: WebPoolArgs): pulumi.Inputs {
    const place = folder === undefined ? {} : { folder: relative(process.cwd(), folder) || "." };
    return { ...recorded(rest), ...place };
}
