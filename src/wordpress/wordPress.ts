import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { WebApp } from "../app/webApp.ts";
import type { PinnedPath } from "../balancer/listeners.ts";
import { Database } from "../database/database.ts";
import { refuseWrong } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { onHost } from "../hosts/programs.ts";
import { Memcached } from "../memcached/memcached.ts";
import { FileSync } from "../sync/fileSync.ts";
import { recordedPool } from "../web/recorded.ts";
import { WebPool } from "../web/webPool.ts";
import { Editors, type ObjectCache, type WordPressArgs } from "./args.ts";
import { ADMIN_PASSWORD, objectCacheFiles, SALTS, SALTS_NAME, within, wpConfig } from "./config.ts";
import { wordPressArguments } from "./validate.ts";

/** WordPress on several hosts: its release, its rows in a cluster, its media on all hosts, and its work by the clock. */
export class WordPress extends pulumi.ComponentResource {
    /** The hosts, for balancers: whoever uses them waits until WordPress is installed and answers on each. */
    readonly hosts: Host[];
    /** For the listener, where editors work through one host. */
    readonly pinned: PinnedPath[];
    /** The administrator's, as it was when WordPress was installed; a secret. */
    readonly adminPassword: pulumi.Output<string>;

    constructor(name: string, args: WordPressArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("WordPress", name, args, wordPressArguments(name));
        super("evenkeel:index:WordPress", name, recordedArgs(args), opts);
        const {
            release,
            url,
            title,
            admin,
            database,
            objectCache,
            editors = Editors.Everywhere,
            mail,
            ...poolArgs
        } = args;
        const child = { parent: this };
        const uploads = within(release.public, "wp-content/uploads");

        const pool = new WebPool(
            name,
            {
                ...poolArgs,
                ...(args.pageCache ? { pageCache: { unlessCookies: OWN_PAGES, ...args.pageCache } } : {}),
                php: true,
                phpExtensions: [
                    ...new Set([
                        ...EXTENSIONS,
                        ...(objectCache ? ["memcached"] : []),
                        ...(args.phpExtensions ?? []),
                    ]),
                ],
                release,
                files: {
                    "wp-config.php": wpConfig({ url, public: release.public }),
                    [SETUP]: onHost("wordpress/wordpress_setup.php"),
                    ...(objectCache ? objectCacheFiles(release.public) : {}),
                },
                writable: [uploads],
            },
            child,
        );
        const rows = new Database(
            `${name}-rows`,
            { ...database, clients: pool.hosts, schema: name.replaceAll("-", "_"), group: pool.user! },
            child,
        );
        const media = shareMedia(`${name}-media`, pool, `/var/www/${name}/shared/${uploads}`, editors, child);
        const salts = new random.RandomPassword(`${name}-salts`, { length: SALTS }, child).result;
        const password = new random.RandomPassword(`${name}-admin`, { length: 24, special: false }, child);
        const folder = within(release.public, ".");
        const app = new WebApp(
            `${name}-app`,
            {
                pool: { ...poolOf(pool), hosts: media },
                ...(objectCache
                    ? {
                          environment: {
                              MEMCACHED_SERVERS: cacheServers(`${name}-cache`, objectCache, pool, child),
                          },
                      }
                    : {}),
                secrets: { [SALTS_NAME]: salts, [ADMIN_PASSWORD]: password.result },
                database: rows.connection,
                setup: ["php", SETUP, folder, title, admin.user, admin.email],
                healthPath: "/wp-login.php",
                jobs: [
                    { name: "cron", schedule: "minutely", command: ["php", within(folder, "wp-cron.php")] },
                ],
                ...(mail ? { mail } : {}),
            },
            child,
        );
        this.hosts = app.hosts;
        this.adminPassword = password.result;
        this.pinned = editors === Editors.Pinned ? EDITED.map((path) => ({ path, to: app.hosts[0]! })) : [];
        this.registerOutputs({ hosts: this.hosts, adminPassword: this.adminPassword });
    }
}

/** No web server gives what begins with a dot. */
const SETUP = ".wordpress-setup.php";

/** WordPress' own requirements and recommendations, beside what PHP has by itself. */
const EXTENSIONS = ["curl", "gd", "intl", "mbstring", "xml", "zip"];

/** Where editors write: pages of administration, the block editor's API, and the old one's. */
const EDITED = ["/wp-admin", "/wp-login.php", "/wp-json", "/xmlrpc.php"];

/** Cookies of editors, of readers who commented or gave a password, and of carts. */
const OWN_PAGES = ["comment_author_", "woocommerce_", "wordpress_", "wp-", "wp_"];

const poolOf = ({ hosts, phpPool, port, root, user, version }: WebPool) => ({
    hosts,
    phpPool,
    port,
    root,
    user,
    version,
});

/** The hosts, once each has the others' media. */
function shareMedia(
    name: string,
    { hosts }: WebPool,
    path: string,
    editors: Editors,
    opts: pulumi.CustomResourceOptions,
): Host[] {
    const [source, ...targets] = hosts;
    if (targets.length === 0) return hosts;
    if (editors === Editors.Pinned)
        return new FileSync(name, { mode: "oneWay", path, source: source!, targets }, opts).hosts;
    return new FileSync(name, { mode: "twoWay", path, hosts }, opts).hosts;
}

/** Addresses of memcached: of servers that there are, or of those on the hosts themselves. */
function cacheServers(
    name: string,
    { servers, memory }: ObjectCache,
    { hosts }: WebPool,
    opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    const cache =
        servers ??
        new Memcached(name, { hosts, clients: hosts, ...(memory === undefined ? {} : { memory }) }, opts);
    return pulumi
        .all(cache.hosts.map(({ privateAddress }) => privateAddress))
        .apply((addresses) => addresses.map((address) => `${address}:${cache.port}`).join(","));
}

const recordedArgs = ({ database, objectCache, mail, ...rest }: WordPressArgs): pulumi.Inputs => ({
    ...recordedPool(rest),
    database: database.endpoint.name,
    ...(objectCache
        ? {
              objectCache: objectCache.servers
                  ? objectCache.servers.hosts.map(({ name }) => name)
                  : objectCache,
          }
        : {}),
    ...(mail ? { mail: mail.host } : {}),
});
