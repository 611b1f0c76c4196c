import { check, content, file, firewall, healthy, roleText, type Step, service } from "../hosts/roleText.ts";
import { nginxConfig, nginxSite } from "./nginx.ts";
import { PHP_VERSION, phpPool } from "./php.ts";
import type { Blob } from "./siteFiles.ts";

export interface WebSettings {
    documentRoot: string;
    texts: Record<string, string>;
    blobs: Blob[];
    port: number;
    healthPath: string;
    /** Most PHP requests at once; no PHP at all without it. */
    phpWorkers?: number;
}

/** Packages of PHP that a web host needs. */
export const phpPackages = ["php-fpm", "php-mysql"];

/** The role of one web host: the site's files, then nginx. */
export function webText(host: string, settings: WebSettings): string {
    const { documentRoot, texts, blobs, port, healthPath, phpWorkers } = settings;
    const php = phpWorkers !== undefined;
    const site = "/etc/nginx/conf.d/evenkeel.conf";
    const carried = blobs.filter(({ path }) => !(path in texts));
    return roleText("web", host, [
        ...carried.map(({ path, sha256 }) => content(`${documentRoot}/${path}`, sha256)),
        ...Object.entries(texts).map(([path, text]) => file({ path: `${documentRoot}/${path}`, text })),
        firewall([`ip daddr ${host} tcp dport ${port} accept`]),
        ...(php ? phpSteps(phpWorkers) : []),
        file({ path: "/etc/nginx/nginx.conf", text: nginxConfig }),
        file({ path: site, text: nginxSite({ host, port, documentRoot, healthPath, php }) }),
        check(site, "nginx -t -q"),
        service("nginx", "reload"),
        healthy("nginx answers", `curl -fsS -m 2 -o /dev/null http://${host}:${port}${healthPath}`),
    ]);
}

function phpSteps(workers: number): Step[] {
    const pool = `/etc/php/${PHP_VERSION}/fpm/pool.d/www.conf`;
    return [
        file({ path: pool, text: phpPool(workers) }),
        check(pool, `php-fpm${PHP_VERSION} -t`),
        service(`php${PHP_VERSION}-fpm`, "reload"),
    ];
}
