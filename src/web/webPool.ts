import { relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { applyRole } from "../hosts/applyRole.ts";
import type { Host } from "../hosts/host.ts";
import { type HostsArgs, hostNames, hostsProblems, readyHosts, recorded, rollOut } from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { pathProblems, portProblems, refuse, when } from "../hosts/validation.ts";
import { phpPackages, webSteps } from "./role.ts";
import { readFolder } from "./siteFiles.ts";

export interface WebPoolArgs extends HostsArgs {
    /** Absolute path of the folder that nginx serves. @default "/var/www/html" */
    documentRoot?: string;
    /** Files to serve: path below the document root, and text. */
    files?: Record<string, pulumi.Input<string>>;
    /** A folder of the program's, served as it is (16 MB at most, hidden files left out). `files` come on top. */
    folder?: string;
    /** Whether PHP-FPM runs the files that end in .php, with PHP's extension for MariaDB. @default false */
    php?: boolean;
    /** Most PHP requests at once, each in a process of its own. @default 8: half of 1 GB at 64 MB each */
    phpWorkers?: number;
    /** Whether Pulumi refuses to delete the hosts that it created: for those that hold a database's rows, too. @default false */
    deletionProtection?: boolean;
    /** Port on the private address. @default 80 */
    port?: number;
    /** Path that nginx answers with 200, for health checks. @default "/healthz" */
    healthPath?: string;
}

/** Web hosts that serve the same files with nginx, and PHP where it is wanted, on their private addresses only. */
export class WebPool extends pulumi.ComponentResource {
    /** The pool's hosts; whoever uses them waits until they serve. */
    readonly hosts: Host[];

    constructor(name: string, args: WebPoolArgs, opts?: pulumi.ComponentResourceOptions) {
        validate(name, args);
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
                    steps: pulumi.output(files).apply((texts) =>
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

function validate(name: string, args: WebPoolArgs): void {
    const { documentRoot, files = {}, php, phpWorkers, port, healthPath } = args;
    const astray = Object.keys(files).find((path) => path.startsWith("/") || path.split("/").includes(".."));
    refuse("WebPool", name, [
        ...hostsProblems(name, args),
        ...portProblems("port", port),
        ...pathProblems("healthPath", healthPath),
        ...when(
            phpWorkers !== undefined && !(Number.isInteger(phpWorkers) && phpWorkers > 0),
            "phpWorkers",
            `${phpWorkers} is not a number of processes: give 1 or more`,
        ),
        ...when(phpWorkers !== undefined && !php, "phpWorkers", "there is no PHP: give php: true"),
        ...when(
            documentRoot !== undefined && !/^\/[\w/.-]+$/.test(documentRoot),
            "documentRoot",
            `"${documentRoot}" is not an absolute path`,
        ),
        ...when(
            astray !== undefined,
            "files",
            `"${astray}" must lie below the document root: no leading / and no ..`,
        ),
    ]);
}
