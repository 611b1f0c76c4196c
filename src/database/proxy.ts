import { AFTER_RELOAD, SESSION_TIMEOUTS } from "../member/sessions.ts";

export interface DatabaseProxySettings {
    /** Members by name, the preferred writer first. */
    members: string[];
    /** The members' port for sessions by TLS, and for HTTPS health checks. */
    gatePort: number;
    healthPort: number;
    /** Ports on the client's loopback. */
    writePort: number;
    readPort: number;
    /** File with the authority of the members' certificates. */
    ca: string;
    /** Socket that answers `/ready` with 200 while there is a writer. */
    monitor: string;
    /** Where this client's reads go first: to the writer, or to some of the members; without it, to all readers. */
    readsFrom?: "writer" | string[] | undefined;
    /** Socket that tells what HAProxy thinks of each member. */
    stats?: string | undefined;
}

/**
 * HAProxy beside a client: one port leads to the writer, the other to all readers. It speaks TLS with the members, so that any
 * program of this host may connect as to a MariaDB of its own. Which member is the writer the members themselves
 * say: every client comes to the same answer.
 */
export function databaseProxyConfig(settings: DatabaseProxySettings): string {
    const { members, monitor, writePort, healthPort, ca, stats } = settings;
    return `global
    log stdout format raw local0 notice
    user haproxy
    group haproxy
${stats === undefined ? "" : `    stats socket ${stats} mode 600 level user\n`}    maxconn 1000
${AFTER_RELOAD}
defaults
    mode tcp
    log global
    option tcplog
    option dontlog-normal
    option clitcpka
    option srvtcpka
${SESSION_TIMEOUTS}    retries 3
    option redispatch 1
    option httpchk
    http-check disable-on-404
    default-server ssl check port ${healthPort} check-ssl verify required ca-file ${ca} inter 500ms fastinter 250ms downinter 500ms fall 3 rise 2 on-marked-down shutdown-sessions

frontend monitor
    mode http
    bind unix@${monitor} mode 600
    http-request return status 200 if { path /ready } { nbsrv(write) gt 0 }
    http-request return status 503

listen write
    bind 127.0.0.1:${writePort}
    # One member says that it may be written to, as soon as it may: nothing is gained by asking twice.
    default-server inter 250ms fastinter 250ms downinter 250ms rise 1
    http-check send meth GET uri /write
${members.map((member, i) => server(member, settings, i > 0)).join("\n")}

${readers(settings)}`;
}

/** Sessions end with the member's turn: whoever reads from the writer is led on like one who writes. */
function readers(settings: DatabaseProxySettings): string {
    const { members, readPort, readsFrom } = settings;
    const bind = `    bind 127.0.0.1:${readPort}`;
    const isBackup = (member: string) => Array.isArray(readsFrom) && !readsFrom.includes(member);
    const backend = `    balance leastconn
    http-check send meth GET uri /read
${Array.isArray(readsFrom) ? "    option allbackups\n" : ""}${members.map((member) => server(member, settings, isBackup(member))).join("\n")}
`;
    if (readsFrom !== "writer") return `listen read\n${bind}\n${backend}`;
    return `frontend read
${bind}
    use_backend write if { nbsrv(write) gt 0 }
    default_backend readers

backend readers
${backend}`;
}

function server(member: string, { gatePort }: DatabaseProxySettings, backup: boolean): string {
    return `    server ${member} ${member}:${gatePort} verifyhost ${member} sni str(${member}) check-sni ${member}${backup ? " backup" : ""}`;
}
