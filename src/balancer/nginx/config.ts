import { httpPort, redirected } from "../frontends.ts";
import type { HttpListener, TcpListener } from "../listeners.ts";
import { type HttpSettings, httpPart, plainServer } from "./http.ts";
import { monitorSocket, runFolder } from "./names.ts";
import { streamPart } from "./stream.ts";

export interface NginxSettings extends HttpSettings {
    http: HttpListener[];
    tcp: TcpListener[];
    /** Where it tells on loopback whether it is ready. */
    readyAddress: string;
}

/** Where it tells that it works. */
export const ALIVE = "/alive";

/**
 * nginx.conf of one pair, for Debian 12's nginx 1.22. Hosts stand in it by name. The program beside it (onhost/nginx_config.py) fills
 * in who is down, the names of certificates, and a checksum that tells whether nginx has taken it.
 */
export function nginxConfig(settings: NginxSettings): string {
    const { pair, http, tcp } = settings;
    const redirect = redirected(http);
    const log = "syslog:server=unix:/dev/log,nohostname,facility=daemon,tag=nginx";
    return [
        `${tcp.length > 0 ? "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n" : ""}user www-data;
worker_processes auto;
pid ${runFolder(pair)}/nginx.pid;
error_log ${log} warn;
# A host that comes or goes is a reload: who is being served is served to the end.
worker_shutdown_timeout 1h;

events {
    worker_connections 8192;
}
`,
        block("http", [
            `log_format failure '$remote_addr "$request" $status by $upstream_addr: $upstream_status after $upstream_connect_time, $request_time s';
access_log ${log},severity=warn failure if=$is_failure;
# For the program that asks backends how they are: who answers errors alone is left out for a while.
log_format answer "$proxy_host $served_by $status";
access_log syslog:server=unix:${runFolder(pair)}/answers.sock,nohostname,tag=nginx answer if=$served_by;
`,
            ...httpPart(settings, http),
            ...(redirect ? [plainServer(settings, httpPort(redirect))] : []),
            monitor(settings),
        ]),
        ...(tcp.length > 0 ? [block("stream", streamPart(settings, tcp))] : []),
    ].join("\n");
}

const block = (name: string, parts: string[]) =>
    `${name} {\n${parts.join("\n").replace(/^(?=.)/gm, "    ")}}\n`;

/** What HAProxy tells at the same places, and its figures. */
const monitor = ({ pair, readyAddress }: NginxSettings) => `server {
    listen ${readyAddress};
    listen unix:${monitorSocket(pair)};
    access_log off;
    default_type text/plain;
    location = ${ALIVE} {
        return 200 "ok\\n";
    }
    location = /ready {
        if (-e ${runFolder(pair)}/ready) {
            return 200 "ok\\n";
        }
        return 503;
    }
    location = /backends {
        alias ${runFolder(pair)}/backends;
    }
    location = /configuration {
        return 200 "{{checksum}}";
    }
    location = /status {
        stub_status;
    }
}
`;
