import { literally } from "../hosts/pattern.ts";
import { check, common, file, type Step, state } from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import type { PageCache } from "./args.ts";
import { expiryOf, PACKED_FROM, PACKED_TYPES } from "./caching.ts";
import type { SiteSettings, WebEngine } from "./engine.ts";
import { cachedPages, cacheFolder, cacheZone } from "./pageCache.ts";
import { LONGEST_REQUEST_S, PING } from "./php.ts";

/** nginx.conf: daemon-wide settings for 1 CPU and 1 GB; the sites stand in conf.d. */
export const nginxConfig = `user www-data;
worker_processes auto;
pid /run/nginx.pid;
worker_shutdown_timeout 30s;

events {
    worker_connections 1024;
}

http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 65s;
    # A cookie has up to 4 kB, and a site several.
    large_client_header_buffers 4 32k;
    gzip on;
    # For proxies before the balancers, too (Via); what they keep goes to those alone who take it.
    gzip_proxied any;
    gzip_vary on;
    # Less fits into one packet as it is.
    gzip_min_length ${PACKED_FROM};
    gzip_types ${PACKED_TYPES.join(" ")};
    access_log /var/log/nginx/access.log;
    error_log /var/log/nginx/error.log;
    include /etc/nginx/conf.d/*.conf;
}
`;

/** The pool's site, on the private address only. */
export function nginxSite(settings: SiteSettings): string {
    const { pool, host, port, documentRoot, healthPath, maxUpload, trustedProxies, staticMaxAge, php } =
        settings;
    const { written = [], current, gateLog, pageCache } = settings;
    // Hyphens are no part of a variable's name, and underscores of none of a pool's.
    const site = pool.replaceAll("-", "_");
    const isKept = staticMaxAge !== undefined;
    return `${gateLog ? gateFormat(site) : ""}${php ? schemes(site, trustedProxies) : ""}${isKept ? expiryOf(site, staticMaxAge) : ""}${pageCache ? cacheZone(pool, site, pageCache) : ""}server {
    listen ${host}:${port};
    server_name _;
    root ${documentRoot};
    index ${php ? "index.php " : ""}index.html;
    client_max_body_size ${maxUpload}m;
    # The visitor's scheme, name and port are the balancer's, not this server's.
    absolute_redirect off;
${gateLog ? gateLogs(site, gateLog) : ""}${trustedProxies.map((network) => `    set_real_ip_from ${network};\n`).join("")}    real_ip_header X-Forwarded-For;
    real_ip_recursive on;

    location = ${healthPath} {
        access_log off;
        default_type text/plain;
        # Planned work on the host: balancers are to send nobody here (hosts/onhost/planned-work).
        if (-e /run/evenkeel-drained) { return 503; }
${php ? alive(php.healthSocket) : '        return 200 "ok\\n";\n'}    }
    # Hidden files are nobody's business, except what RFC 8615 puts there.
    location ~ /\\.(?!well-known/) {
        return 404;
    }
${php ? `${runNothing(written)}${runPhp(site, php.socket, current !== undefined, pageCache)}` : ""}    # What editors, archives and databases leave behind, and sources that nothing runs here.
    location ~* (~|\\.(bak|dump|inc|old|orig|phar|php\\d?|phps|phtml|save|sql|sw[op])(\\.(bz2|gz|xz|zip|zst))?)$ {
        return 404;
    }
    location / {
${isKept ? `        expires $expires_of_${site};\n` : ""}        try_files $uri $uri/ ${php ? "/index.php$is_args$args" : "=404"};
    }
}
`;
}

/** When, status, seconds, and PHP's own status, which is "-" when it was not asked. */
const gateFormat = (site: string) =>
    `log_format gate_of_${site} "$msec $status $request_time $upstream_status";\n\n`;

/** One in a site takes the place of those above it. */
const gateLogs = (site: string, path: string) => `    access_log /var/log/nginx/access.log;
    access_log ${path} gate_of_${site};
`;

/** The visitor's scheme, as a balancer tells it. */
const schemes = (site: string, trustedProxies: string[]) => `geo $realip_remote_addr $proxy_of_${site} {
    default 0;
${trustedProxies.map((network) => `    ${network} 1;\n`).join("")}}
map "$proxy_of_${site} $http_x_forwarded_proto" $https_of_${site} {
    "1 https" on;
}
map $https_of_${site} $scheme_of_${site} {
    default http;
    on https;
}

`;

/** What serves the pages is asked, not nginx alone. */
const alive = (socket: string) => `        include /etc/nginx/fastcgi.conf;
        fastcgi_param SCRIPT_FILENAME ping;
        fastcgi_param SCRIPT_NAME ${PING};
        fastcgi_read_timeout 1s;
        fastcgi_pass unix:${socket};
`;

/** PHP may write there, and so may whoever finds a hole in it; a dot is no line break, which a name may hold. */
const runNothing = (written: string[]) =>
    written
        .map(
            (
                folder,
            ) => `    location ~* ^/${literally(folder)}/([^/]*/)*[^/]*\\.(phar|php\\d?|phps|pht|phtml)(/|$) {
        return 404;
    }
`,
        )
        .join("");

/** OPcache knows files by these paths: those of another release are others. */
const SWITCHED = `        fastcgi_param SCRIPT_FILENAME $realpath_root$fastcgi_script_name;
        fastcgi_param DOCUMENT_ROOT $realpath_root;
`;

/** A path behind the file's own is the application's; so are paths of no file (see below). */
const runPhp = (
    site: string,
    socket: string,
    isSwitched: boolean,
    pageCache: PageCache | undefined,
) => `    location ~ \\.php(/|$) {
        fastcgi_split_path_info ^(.+?\\.php)(/.*)?$;
        set $path_info $fastcgi_path_info;
        try_files $fastcgi_script_name =404;
        include /etc/nginx/fastcgi.conf;
${isSwitched ? SWITCHED : ""}        fastcgi_param PATH_INFO $path_info;
        fastcgi_param HTTPS $https_of_${site} if_not_empty;
        fastcgi_param REQUEST_SCHEME $scheme_of_${site};
        fastcgi_buffer_size 32k;
        fastcgi_buffers 16 16k;
        fastcgi_read_timeout ${LONGEST_REQUEST_S + 5}s;
${pageCache ? cachedPages(site, pageCache, isSwitched) : ""}        fastcgi_pass unix:${socket};
    }
`;

const steps = (site: SiteSettings): Step[] => {
    const path = `/etc/nginx/conf.d/evenkeel-${site.pool}.conf`;
    return [
        common(file({ path: "/etc/nginx/nginx.conf", text: nginxConfig })),
        file({ path, text: nginxSite(site) }),
        ...(site.pageCache ? [state(cacheFolder(site.pool))] : []),
        check(path, "nginx -t -q"),
        daemon("nginx", "reload", { openFiles: 65_536 }),
    ];
};

export const nginx: WebEngine = {
    title: "nginx",
    logs: "/var/log/nginx",
    packages: ["nginx-light"],
    programs: [],
    installed: [],
    steps,
};
