import * as pulumi from "@pulumi/pulumi";
import { applyRole } from "./hosts/applyRole.ts";
import type { Host } from "./hosts/host.ts";
import { type HostsArgs, hostsProblems, readyHosts, recorded, rollOut } from "./hosts/hosts.ts";
import { webText } from "./roles/web.ts";
import { readFolder } from "./services/siteFiles.ts";
import { pathProblems, portProblems, refuse, when } from "./validation.ts";

export interface WebPoolArgs extends HostsArgs {
    /** Absolute path of the folder that nginx serves. @default "/var/www/html" */
    documentRoot?: string;
    /** Files to serve: path below the document root, and text. */
    files?: Record<string, pulumi.Input<string>>;
    /** A folder of the program's, served as it is (16 MB at most, hidden files left out). `files` come on top. */
    folder?: string;
    /** Port on the private address. @default 80 */
    port?: number;
    /** Path that nginx answers with 200, for health checks. @default "/healthz" */
    healthPath?: string;
}

/** Web hosts that serve the same files with nginx, on their private addresses only. */
export class WebPool extends pulumi.ComponentResource {
    /** The pool's hosts; whoever uses them waits until they serve. */
    readonly hosts: Host[];

    constructor(name: string, args: WebPoolArgs, opts?: pulumi.ComponentResourceOptions) {
        validate(name, args);
        super("evenkeel:index:WebPool", name, recorded(args), opts);
        const { documentRoot = "/var/www/html", files = {}, port = 80, healthPath = "/healthz" } = args;
        const blobs = args.folder === undefined ? [] : readFolder(args.folder);
        const child = { parent: this };

        const hosts = readyHosts(name, args, { packages: ["nginx-light"] }, child);
        this.hosts = rollOut(hosts, (host, i, dependsOn) =>
            applyRole(
                `${name}-${i}-web`,
                host,
                pulumi
                    .all([host.name, files])
                    .apply(([self, texts]) =>
                        webText(self, { documentRoot, texts, blobs, port, healthPath }),
                    ),
                {
                    hosts: [host],
                    blobs: Object.fromEntries(blobs.map(({ sha256, base64 }) => [sha256, base64])),
                },
                { ...child, dependsOn },
            ),
        );
        this.registerOutputs({ hosts: this.hosts });
    }
}

function validate(name: string, args: WebPoolArgs): void {
    const { documentRoot, files = {}, port, healthPath } = args;
    const astray = Object.keys(files).find((path) => path.startsWith("/") || path.split("/").includes(".."));
    refuse("WebPool", name, [
        ...hostsProblems(name, args),
        ...portProblems("port", port),
        ...pathProblems("healthPath", healthPath),
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
