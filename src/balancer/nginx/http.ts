import { BUSY_PAGE, httpPort } from "../frontends.ts";
import type { HttpListener } from "../listeners.ts";
import { nginxFolder } from "./names.ts";
import { goesByPath, poolMap, poolVariable, STEPS } from "./routing.ts";
import { httpUpstreams } from "./upstreams.ts";
import { limitLines, limitZones, visitorLines, visitorMaps } from "./visitors.ts";

export interface HttpSettings {
    pair: string;
    /** Where to listen; placeholders are filled in on the host. */
    addresses: string[];
    /** Files with a certificate and its key for each listener with TLS. */
    certificates: (listener: HttpListener) => string[];
}

/** What visitors see while no host can answer. */
export const pageFile = (pair: string, listener: HttpListener) =>
    `${nginxFolder(pair)}/maintenance-${httpPort(listener)}.html`;

export const pageText = ({ maintenancePage = BUSY_PAGE }: HttpListener) => maintenancePage;

/** What they see when a host has taken a request, and did not answer it. */
export const brokenFile = (pair: string) => `${nginxFolder(pair)}/no-answer.html`;

export const limitedFile = (pair: string) => `${nginxFolder(pair)}/too-many-requests.txt`;

/** What all listeners of HTTP have in common. */
const SHARED = `server_tokens off;
client_max_body_size 0;
client_header_timeout 10s;
keepalive_timeout 10s;
# A cookie has up to 4 kB, and a site several.
large_client_header_buffers 4 32k;
# Room for the longest names there are, and for variables of many listeners.
server_names_hash_bucket_size 512;
variables_hash_max_size 4096;
proxy_buffer_size 32k;
proxy_buffers 8 16k;
# What comes is passed on as it comes: events, downloads.
proxy_buffering off;
proxy_http_version 1.1;
proxy_socket_keepalive on;
proxy_redirect off;
# The balancer's own word on these is nobody's business.
proxy_pass_header Date;
proxy_pass_header Server;
# They are for a web server on the host.
proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset;
# A request that no backend has taken is tried on another one, and of those that ended without an answer GET and HEAD: see $way.
# One that takes long is not: its work would be done twice.
proxy_next_upstream error timeout;
limit_req_status 429;
limit_conn_status 429;
# Mozilla's intermediate: what browsers of the last ten years have.
ssl_protocols TLSv1.2 TLSv1.3;
ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
ssl_session_tickets off;
ssl_session_cache shared:visitors:5m;
map $http_upgrade $tunnel {
    default "";
    "~*^websocket$" websocket;
}
map $tunnel $connection_to_backend {
    default "";
    websocket upgrade;
}
map $tunnel$request_method $way {
    default 420;
    GET "";
    HEAD "";
    POST 418;
    PATCH 418;
    LOCK 418;
    "~^websocket" 419;
}
# "-": no host has taken it.
map $upstream_connect_time $failure {
    default broken;
    "~(^|, |: )-$" unavailable;
}
map $status $is_failure {
    default 0;
    "~^5" 1;
}
`;

/** Everything of HTTP; an upstream's address is one of these hosts' names. */
export function httpPart(settings: HttpSettings, http: HttpListener[]): string[] {
    const { pair } = settings;
    return [
        SHARED,
        ...(http.some(goesByPath) ? [STEPS] : []),
        servedBy(http),
        ...http.flatMap((listener) => httpUpstreams(pair, listener)),
        ...http.flatMap((listener) => [
            poolMap(pair, listener),
            ...visitorMaps(listener),
            ...limitZones(listener),
            ...servers(settings, listener),
        ]),
    ];
}

/** nginx knows addresses, people names. */
function servedBy(http: HttpListener[]): string {
    const pools = http.flatMap((listener) => [listener, ...(listener.routes ?? [])]);
    const backends = pools.flatMap(({ backends, backendPort = 80 }) =>
        backends.map(({ name }) => `    "~(^|, |: ){{address ${name}}}:${backendPort}$" ${name};\n`),
    );
    return `map $upstream_addr $served_by {\n    default "";\n${[...new Set(backends)].join("")}}\n`;
}

/** One for all names, and with several certificates one for the names of each; the first is for whoever names none. */
function servers(settings: HttpSettings, listener: HttpListener): string[] {
    const files = settings.certificates(listener);
    const one = (more: string[], isFirst = true) => server(settings, listener, more, isFirst);
    if (!listener.tls) return [one(["server_name _;"])];
    return files.map((file, i) =>
        one(
            [
                `server_name ${i === 0 ? "_" : `{{names ${file}}}`};`,
                `ssl_certificate ${file};`,
                `ssl_certificate_key ${file};`,
            ],
            i === 0,
        ),
    );
}

const TYPES =
    "text/css text/plain text/xml text/javascript application/javascript application/json application/xml image/svg+xml";

function server(
    { pair, addresses }: HttpSettings,
    listener: HttpListener,
    more: string[],
    isFirst: boolean,
): string {
    const { tls, timeout = 60, compress, acceptProxyProtocol } = listener;
    const pool = poolVariable(listener);
    const flags = [
        ...(isFirst ? ["default_server"] : []),
        ...(tls ? ["ssl", "http2"] : []),
        ...(acceptProxyProtocol ? ["proxy_protocol"] : []),
    ];
    // Less than the visitor's patience, or a slow request would count as one that nobody has taken.
    const [connect, next] = timeout > 4 ? ["1s", "4s"] : ["500ms", `${timeout}s`];
    const lines = [
        ...addresses.map((address) => `listen ${[`${address}:${httpPort(listener)}`, ...flags].join(" ")};`),
        ...more,
        `client_body_timeout ${timeout}s;`,
        `send_timeout ${timeout}s;`,
        `proxy_connect_timeout ${connect};`,
        `proxy_next_upstream_timeout ${next};`,
        `proxy_send_timeout ${timeout}s;`,
        `proxy_read_timeout ${timeout}s;`,
        "proxy_set_header Host $http_host;",
        "proxy_set_header Upgrade $tunnel;",
        "proxy_set_header Connection $connection_to_backend;",
        ...visitorLines(listener),
        "proxy_hide_header X-Served-By;",
        "add_header X-Served-By $served_by always;",
        ...(tls?.hsts
            ? [
                  "proxy_hide_header Strict-Transport-Security;",
                  `add_header Strict-Transport-Security "max-age=${tls.hsts}" always;`,
              ]
            : []),
        ...(compress
            ? [
                  "gzip on;",
                  "gzip_proxied any;",
                  "gzip_vary on;",
                  "gzip_min_length 1000;",
                  `gzip_types ${TYPES};`,
              ]
            : []),
        ...limitLines(listener),
        "recursive_error_pages on;",
        "error_page 418 = @once;",
        "error_page 419 = @tunnel;",
        "error_page 420 = @alone;",
        "error_page 429 /.evenkeel/limited;",
        "error_page 502 504 /.evenkeel/$failure;",
        "error_page 503 /.evenkeel/page;",
        "location / {",
        ...(goesByPath(listener) ? ["    if ($steps_up) {", "        return 400;", "    }"] : []),
        "    if ($way = 418) {",
        "        return 418;",
        "    }",
        "    if ($way = 419) {",
        "        return 419;",
        "    }",
        "    if ($way = 420) {",
        "        return 420;",
        "    }",
        `    proxy_pass http://${pool};`,
        "}",
        "# nginx tries these on another host when none has begun to take them.",
        "location @once {",
        "    proxy_request_buffering off;",
        `    proxy_pass http://${pool}-once;`,
        "}",
        "# These it would try again when one has, so they are tried once.",
        "location @alone {",
        "    proxy_request_buffering off;",
        "    proxy_next_upstream off;",
        `    proxy_pass http://${pool}-once;`,
        "}",
        "location @tunnel {",
        "    proxy_read_timeout 1h;",
        "    proxy_send_timeout 1h;",
        `    proxy_pass http://${pool}-once;`,
        "}",
        ...own("unavailable", "return 503;"),
        ...own("broken", HTML, `alias ${brokenFile(pair)};`),
        ...own("page", HTML, "add_header Retry-After 10 always;", `alias ${pageFile(pair, listener)};`),
        ...own(
            "limited",
            "default_type text/plain;",
            "add_header Retry-After 10 always;",
            `alias ${limitedFile(pair)};`,
        ),
    ];
    return `server {\n${lines.map((line) => `    ${line}\n`).join("")}}\n`;
}

const HTML = 'default_type "text/html; charset=utf-8";';

/** What the balancer itself says; no visitor asks for it. */
const own = (name: string, ...lines: string[]) => [
    `location = /.evenkeel/${name} {`,
    "    internal;",
    ...lines.map((line) => `    ${line}`),
    "}",
];

/** The plain port without a listener of its own: whoever asks there is sent to where TLS ends. */
export const plainServer = ({ addresses }: HttpSettings, port: number): string => `server {
${addresses.map((address) => `    listen ${address}:80 default_server;\n`).join("")}    server_name _;
    return 301 https://$host${port === 443 ? "" : `:${port}`}$request_uri;
}
`;
