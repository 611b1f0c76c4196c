import type * as pulumi from "@pulumi/pulumi";
import type { HostsArgs } from "../hosts/host.ts";

export interface WebPoolArgs extends HostsArgs {
    /** Absolute path of the folder that nginx serves. @default "/var/www/html" */
    documentRoot?: string;
    /**
     * Files to serve: path below the document root, and text. A preview shows the changes of short ones line by line, and
     * of those over 16 kB the name. A secret is readable for PHP alone, and never stands in plain in the stack's state.
     */
    files?: Record<string, pulumi.Input<string>>;
    /**
     * A folder, from the program's own, whose files are served as they are: 100,000 at most, of any length. Only what changed
     * travels, and the stack's state holds checksums alone. Hidden files are left out except `.well-known`, and so are links
     * that lead out of it. `files` come on top.
     */
    folder?: string;
    /** Whether PHP-FPM runs the files that end in .php, with PHP's extension for MariaDB. @default false */
    php?: boolean;
    /** Most PHP requests at once, each in a process of its own. @default 8: half of 1 GB at 64 MB each */
    phpWorkers?: number;
    /** Megabytes that a request may bring, an upload with all that belongs to it, 1 to 10,000; more is answered with 413. @default 64 */
    maxUpload?: number;
    /**
     * Networks of the balancers, in CIDR form: what they say in X-Forwarded-For and X-Forwarded-Proto of a visitor's address and
     * scheme reaches PHP and the logs. @default the private ones: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16
     */
    trustedProxies?: string[];
    /** Whether Pulumi refuses to delete the hosts that it created: for those that hold a database's rows, too. @default false */
    deletionProtection?: boolean;
    /** Port on the private address. @default 80 */
    port?: number;
    /** Path that nginx answers with 200, for health checks: not the first page, and no part of it encoded. @default "/healthz" */
    healthPath?: string;
}
