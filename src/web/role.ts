import {
    check,
    claims,
    common,
    drain,
    file,
    firewall,
    healthy,
    resume,
    type Step,
} from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import { nginxConfig, nginxSite } from "./nginx.ts";
import { NO_POOL, OPCACHE, PHP_VERSION, type PhpPool, phpHealthSocket, phpPool, phpSocket } from "./php.ts";

export interface WebSettings {
    /** The pool's name: several pools may share a host. */
    pool: string;
    documentRoot: string;
    port: number;
    healthPath: string;
    /** Megabytes of a request's body. */
    maxUpload: number;
    /** Networks of balancers. */
    trustedProxies: string[];
    /** For how many seconds visitors may keep static files; without it, they are told nothing. */
    staticMaxAge?: number | undefined;
    /** No PHP at all without it. */
    php?: Omit<PhpPool, "maxUpload"> | undefined;
}

/** Packages of PHP that a web host needs. */
export const phpPackages = ["php-fpm", "php-mysql"];

/** The role of one web host: nginx, and PHP. Its files come by themselves (content/places.ts). */
export function webSteps(host: string, settings: WebSettings): Step[] {
    const { pool, port, healthPath, maxUpload, php, ...rest } = settings;
    const sockets = { socket: phpSocket(pool), healthSocket: phpHealthSocket(pool) };
    const site = { ...rest, host, port, healthPath, maxUpload, php: php && sockets };
    const path = `/etc/nginx/conf.d/evenkeel-${pool}.conf`;
    return [
        claims([`tcp ${host}:${port}`]),
        // Balancers look once a second, and believe it the second time: that it goes, and that it is back.
        drain("traffic", "sleep 3"),
        resume("traffic", "sleep 3"),
        firewall([`ip daddr ${host} tcp dport ${port} accept`]),
        ...(php ? phpSteps(pool, { ...php, maxUpload }) : []),
        common(file({ path: "/etc/nginx/nginx.conf", text: nginxConfig })),
        file({ path, text: nginxSite(pool, site) }),
        check(path, "nginx -t -q"),
        daemon("nginx", "reload", { openFiles: 65_536 }),
        healthy("nginx answers", `curl -fsS -m 2 -o /dev/null http://${host}:${port}${healthPath}`),
    ];
}

function phpSteps(pool: string, settings: PhpPool): Step[] {
    const folder = `/etc/php/${PHP_VERSION}/fpm/pool.d`;
    const path = `${folder}/evenkeel-${pool}.conf`;
    const opcache = `/etc/php/${PHP_VERSION}/fpm/conf.d/99-evenkeel.ini`;
    return [
        common(file({ path: opcache, text: OPCACHE, template: true })),
        common(file({ path: `${folder}/www.conf`, text: NO_POOL })),
        file({ path, text: phpPool(pool, settings) }),
        check(path, `php-fpm${PHP_VERSION} -t`),
        daemon(`php${PHP_VERSION}-fpm`, "reload"),
    ];
}
