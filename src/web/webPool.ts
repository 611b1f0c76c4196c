import { relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { applyRole } from "../hosts/applyRole.ts";
import { checkedLate, refuseWrong } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { hostNames, readyHosts, recorded, rollOut } from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import type { WebPoolArgs } from "./args.ts";
import { phpPackages, webSteps } from "./role.ts";
import { readFolder } from "./siteFiles.ts";
import { fileTexts, webPoolArguments } from "./validate.ts";

/** Web hosts that serve the same files with nginx, and PHP where it is wanted, on their private addresses only. */
export class WebPool extends pulumi.ComponentResource {
    /** The pool's hosts; whoever uses them waits until they serve. */
    readonly hosts: Host[];

    constructor(name: string, args: WebPoolArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("WebPool", name, args, webPoolArguments);
        const { documentRoot = "/var/www/html", files = {}, port = 80, healthPath = "/healthz" } = args;
        claim("WebPool", name, hostNames(name, args), [
            { propertyPath: "port", thing: `port ${port} of the private address` },
            { propertyPath: "documentRoot", thing: `the folder ${documentRoot}` },
        ]);
        super("evenkeel:index:WebPool", name, recorded(withinProject(args)), opts);
        const { php = false, phpWorkers = 8 } = args;
        const blobs = args.folder === undefined ? [] : readFolder(args.folder);
        const child = { parent: this };

        const needs = {
            packages: ["nginx-light", ...(php ? phpPackages : [])],
            protectedHosts: args.deletionProtection ? Number.POSITIVE_INFINITY : 0,
        };
        const hosts = readyHosts(name, args, needs, child);
        this.hosts = rollOut(hosts, (host, dependsOn) =>
            applyRole(
                host,
                {
                    component: name,
                    kind: "web",
                    steps: checkedLate("WebPool", name, "files", fileTexts, files).apply((texts) =>
                        webSteps(host.name, {
                            pool: name,
                            documentRoot,
                            texts,
                            blobs,
                            port,
                            healthPath,
                            ...(php ? { phpWorkers } : {}),
                        }),
                    ),
                    hosts: [host],
                    blobs: Object.fromEntries(blobs.map(({ sha256, base64 }) => [sha256, base64])),
                },
                { ...child, dependsOn },
            ),
        );
        this.registerOutputs({ hosts: this.hosts });
    }
}

/** Pulumi runs a program in its project's folder: the same checkout elsewhere is no change. */
function withinProject(args: WebPoolArgs): WebPoolArgs {
    const { folder } = args;
    return folder === undefined ? args : { ...args, folder: relative(process.cwd(), folder) || "." };
}
