import { onHost } from "../hosts/programs.ts";
import {
    check,
    claims,
    common,
    drain,
    file,
    firewall,
    healthy,
    leave,
    resume,
    type Step,
    service,
    state,
} from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import type { EngineName, SiteSettings } from "./engine.ts";
import { engineOf } from "./engines.ts";
import { gateLog } from "./gate.ts";
import {
    NO_POOL,
    OPCACHE,
    PHP_VERSION,
    type PhpPool,
    phpHealthSocket,
    phpPool,
    phpSocket,
    siteHome,
} from "./php.ts";

export interface WebSettings extends Omit<SiteSettings, "host" | "php" | "written" | "gateLog"> {
    /** What serves the site. */
    engine?: EngineName | undefined;
    /** No PHP at all without it. */
    php?: WebPhp | undefined;
    /** Whether a gate watches the site. */
    isGated?: boolean;
}

export interface WebPhp extends Omit<PhpPool, "maxUpload" | "server"> {
    /** Folders that PHP may write. */
    writable: string[];
    /** The same as paths below the document root; those that are served. */
    written: string[];
}

/** Packages of PHP that a web host needs. */
export const phpPackages = ["php-fpm", "php-mysql"];

/** Programs that look after what PHP writes. */
export const sitePrograms = ["web/site-folders"];

/** The user that serves files, whatever the engine, for whoever wants PHP to have it, too. */
export const SERVER = "www-data";

/** The role of one web host: what serves the site, and PHP. Its files come by themselves (content/places.ts). */
export function webSteps(host: string, { engine, php, isGated = false, ...settings }: WebSettings): Step[] {
    const { pool, port, healthPath, maxUpload } = settings;
    const server = engineOf(engine);
    const sockets = { socket: phpSocket(pool), healthSocket: phpHealthSocket(pool) };
    const site = {
        ...settings,
        host,
        ...(php && { php: sockets, written: php.written }),
        ...(isGated && { gateLog: gateLog(pool, engine) }),
    };
    return [
        claims([`tcp ${host}:${port}`, ...(php && php.user !== SERVER ? [`the user ${php.user}`] : [])]),
        // Balancers look once a second, and believe it the second time: that it goes, and that it is back.
        drain("traffic", "sleep 3"),
        resume("traffic", "sleep 3"),
        firewall([`ip daddr ${host} tcp dport ${port} accept`]),
        ...(php ? phpSteps(pool, { ...php, maxUpload, server: server.title }) : []),
        ...server.steps(site),
        ...(isGated ? [state(gateLog(pool, engine))] : []),
        healthy(`${server.title} answers`, `curl -fsS -m 2 -o /dev/null http://${host}:${port}${healthPath}`),
    ];
}

function phpSteps(pool: string, php: WebPhp & PhpPool): Step[] {
    const folder = `/etc/php/${PHP_VERSION}/fpm/pool.d`;
    const path = `${folder}/evenkeel-${pool}.conf`;
    const opcache = `/etc/php/${PHP_VERSION}/fpm/conf.d/99-evenkeel.ini`;
    return [
        // Before PHP runs as another user.
        ...folderSteps(pool, path, php),
        common(file({ path: opcache, text: OPCACHE, template: true })),
        common(file({ path: `${folder}/www.conf`, text: NO_POOL })),
        file({ path, text: phpPool(pool, php) }),
        check(path, `php-fpm${PHP_VERSION} -t`),
        daemon(`php${PHP_VERSION}-fpm`, "reload"),
        healthy("what PHP has written is the site's", `${FOLDERS} ${pool} settle`),
    ];
}

const FOLDERS = "/usr/local/lib/evenkeel/site-folders";

function folderSteps(pool: string, phpConfig: string, { user, writable }: WebPhp): Step[] {
    const home = siteHome(pool);
    const config = { user, home, pool: phpConfig, writable };
    return [
        file({ path: `/etc/evenkeel/sites/${pool}.json`, text: `${JSON.stringify(config, null, 2)}\n` }),
        common(
            file({
                path: "/etc/systemd/system/evenkeel-site@.service",
                text: onHost("web/evenkeel-site@.service"),
            }),
        ),
        service(`evenkeel-site@${pool}`, "restart"),
        leave(`${FOLDERS} ${pool} leave`),
        state(home),
    ];
}
