import { onHost } from "../hosts/programs.ts";
import { check, claims, common, file, type Step, secret } from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import { AFTER_RELOAD, SESSION_TIMEOUTS } from "./sessions.ts";

/** Where a member takes sessions from clients' HAProxy: TCP, always by TLS. */
export const GATE_PORT = 3309;

/** A member's certificate and key, as HAProxy reads them: value `identity` of the role's input. */
const IDENTITY = "/etc/evenkeel/gate.pem";

const MARIADB_SOCKET = "/run/mysqld/mysqld.sock";

export const gatePackages = ["haproxy"];

/**
 * HAProxy before a member's MariaDB: TLS ends here, so that no client has to speak it. MariaDB hears whose session it is (PROXY
 * protocol), as its users work from their own hosts alone, and holds a local socket for safe, as nothing else comes by it.
 */
function gateConfig(host: string): string {
    return `global
    log stdout format raw local0 notice
    user haproxy
    group haproxy
    maxconn 2000
    ssl-default-bind-options ssl-min-ver TLSv1.3
${AFTER_RELOAD}
defaults
    mode tcp
    log global
    option tcplog
    option dontlog-normal
    option clitcpka
${SESSION_TIMEOUTS}
listen mariadb
    bind {{address ${host}}}:${GATE_PORT} ssl crt ${IDENTITY}
    server mariadb unix@${MARIADB_SOCKET} send-proxy-v2
`;
}

/** The gate of one member, whichever cluster's it is: a host has one MariaDB. */
export function gateSteps(host: string): Step[] {
    const path = "/etc/evenkeel/gate.cfg";
    const unit = "evenkeel-gate.service";
    return [
        claims([`tcp ${host}:${GATE_PORT}`]),
        secret(IDENTITY, "identity"),
        common(file({ path: `/etc/systemd/system/${unit}`, text: onHost(`member/${unit}`) })),
        file({ path, text: gateConfig(host), template: true }),
        check(path, `haproxy -c -f ${path}`),
        daemon("evenkeel-gate", "reload", {
            openFiles: 65_536,
            sandbox: {
                writes: [],
                capabilities: ["DAC_OVERRIDE", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"],
            },
        }),
    ];
}
