import { literally } from "../hosts/pattern.ts";
import { alternatives, check, common, file, healthy, type Step } from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import { loading, withNeeded } from "./apacheModules.ts";
import { rules } from "./apacheRules.ts";
import { apacheConfig, LOGS, SITES } from "./apacheServer.ts";
import { STATIC } from "./caching.ts";
import type { PhpSockets, SiteSettings, WebEngine } from "./engine.ts";
import { LONGEST_REQUEST_S, PING } from "./php.ts";

/** The pool's site, on the private address only. */
export function apacheSite(settings: SiteSettings): string {
    const {
        host,
        port,
        documentRoot,
        healthPath,
        trustedProxies,
        staticMaxAge,
        php,
        gateLog,
        apacheModules = [],
    } = settings;
    const modules = withNeeded([
        ...(php ? ["proxy_fcgi", "buffer"] : []),
        ...(staticMaxAge === undefined ? [] : ["expires"]),
        ...apacheModules,
    ]);
    const noHealth = `"expr=%{REQUEST_URI} != '${healthPath}'"`;
    const lines = [
        `DocumentRoot ${documentRoot}`,
        `<Directory ${documentRoot}>`,
        "    Require all granted",
        // Applications look at passwords themselves.
        ...(php ? ["    CGIPassAuth On"] : []),
        "</Directory>",
        `CustomLog ${LOGS}/access.log visitors ${noHealth}`,
        ...(gateLog ? [`CustomLog ${gateLog} gate ${noHealth}`] : []),
        "RemoteIPHeader X-Forwarded-For",
        ...trustedProxies.map((network) => `RemoteIPInternalProxy ${network}`),
        "AllowEncodedSlashes NoDecode",
        ...rules(settings),
        ...TO_FOLDERS,
        ...(php ? byPhp(settings, php) : ['ErrorDocument 200 "ok"']),
        ...(staticMaxAge === undefined ? [] : kept(staticMaxAge)),
    ];
    // Of a name Apache would not see that it stands for another address now.
    const address = `{{address ${host}}}:${port}`;
    return `${modules.map(loading).join("")}Listen ${address}
<VirtualHost ${address}>
${lines.map((line) => `    ${line}\n`).join("")}</VirtualHost>
`;
}

/** The visitor's scheme, name and port are the balancer's, not this server's. */
const TO_FOLDERS = [
    "<If \"%{REQUEST_URI} !~ m#/$# && -d '%{DOCUMENT_ROOT}%{REQUEST_URI}'\">",
    "    RedirectRelative On",
    '    Redirect 301 "%{REQUEST_URI}/"',
    "</If>",
];

function byPhp(site: SiteSettings, { socket, healthSocket }: PhpSockets): string[] {
    const { pool, healthPath, trustedProxies, documentRoot, current } = site;
    const url = `unix:${socket}|fcgi://${pool}/`;
    const healthUrl = `unix:${healthSocket}|fcgi://${pool}-health/`;
    const trusted = trustedProxies.map((network) => `%{CONN_REMOTE_ADDR} -ipmatch '${network}'`).join(" || ");
    const isHttps = `(${trusted}) && %{req_novary:X-Forwarded-Proto} == 'https'`;
    const folder = current ? `%{reqenv:EVENKEEL_RELEASE}${documentRoot.slice(current.length)}` : documentRoot;
    return [
        ...worker(url, LONGEST_REQUEST_S + 5),
        '<FilesMatch "\\.php$">',
        `    SetHandler "proxy:${url}"`,
        "    # With a filter a body is read as a whole, though its length is known (proxy-sendcl).",
        "    SetInputFilter BUFFER",
        "</FilesMatch>",
        ...parameter("PATH_INFO", "%{PATH_INFO}"),
        ...parameter("HTTPS", "on", isHttps),
        ...parameter("REQUEST_SCHEME", "https", isHttps),
        // OPcache knows files by these paths: those of another release are others.
        ...parameter("DOCUMENT_ROOT", folder),
        ...parameter("SCRIPT_FILENAME", `${folder}%{reqenv:SCRIPT_NAME}`),
        ...["CONTEXT_DOCUMENT_ROOT", "PATH_TRANSLATED", "EVENKEEL_RELEASE", "proxy-sendcl"].map(
            (name) => `ProxyFCGISetEnvIf "true" !${name}`,
        ),
        "# What serves the pages is asked, not Apache alone.",
        ...worker(healthUrl, 1),
        `<LocationMatch "^${literally(healthPath)}$">`,
        `    SetHandler "proxy:${healthUrl}"`,
        ...[...parameter("SCRIPT_NAME", PING), ...parameter("SCRIPT_FILENAME", "ping")].map(
            (line) => `    ${line}`,
        ),
        "</LocationMatch>",
    ];
}

/** Where PHP-FPM is reached; when it was not, the next request tries again. */
const worker = (url: string, timeout: number) => [
    `<Proxy "${url}">`,
    `    ProxySet retry=0 timeout=${timeout}`,
    "</Proxy>",
];

const parameter = (name: string, value: string, when = "true") => [
    `ProxyFCGISetEnvIf "${when}" ${name} "${value}"`,
];

/** By the names of the files themselves: what PHP answers is left as it is. */
const kept = (seconds: number) => [
    `<FilesMatch "(?i)\\.(${STATIC.join("|")})$">`,
    "    ExpiresActive On",
    `    ExpiresDefault "access plus ${seconds} seconds"`,
    "</FilesMatch>",
];

const steps = (site: SiteSettings): Step[] => {
    const path = `${SITES}/${site.pool}.conf`;
    return [
        common(file({ path: "/etc/apache2/apache2.conf", text: apacheConfig, template: true })),
        file({ path, text: apacheSite(site), template: true }),
        check(path, "apache2ctl configtest"),
        // For nginx it is enough to say so here: roles remember what they have been told.
        alternatives(["apache2", "nginx"]),
        daemon("apache2", "reload", {
            more: "[Service]\nExecReload=\nExecReload=/usr/local/lib/evenkeel/apache-reload\n",
        }),
    ];
};

export const apache: WebEngine = {
    title: "Apache",
    logs: LOGS,
    packages: ["apache2"],
    programs: ["web/apache-package", "web/apache-reload"],
    installed: [
        healthy("Apache is as it is before a role runs it", "/usr/local/lib/evenkeel/apache-package"),
    ],
    steps,
};
