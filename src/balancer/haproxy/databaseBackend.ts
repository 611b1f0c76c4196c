import { databaseCa } from "../frontends.ts";
import type { TcpListener } from "../listeners.ts";

/** As often as beside a client: what is away for longer than a moment is asked after by nobody. */
const CHECKS = "inter 250ms fastinter 250ms downinter 250ms fall 3";

/**
 * What leads to the members of a cluster, who tell over HTTPS what they may be used for: one of them takes the writes, whichever
 * balancer asks. Sessions are TLS between their client and the member.
 */
export const databaseLines = (name: string, { database, reads = false }: TcpListener): string[] => [
    "    option httpchk",
    "    http-check disable-on-404",
    `    http-check send meth GET uri ${reads ? "/read" : "/write"}`,
    `    default-server port ${database!.healthPort} check-ssl verify required ca-file ${databaseCa(name)} ${CHECKS}${reads ? "" : " rise 1"}`,
];

/** A member, by the name that its certificate has. One alone takes writes: the others stand by. */
export const databaseServer = (member: string, { database, reads = false }: TcpListener): string =>
    `    server ${member} ${member}:${database!.port} verifyhost ${member} check-sni ${member}${reads || member === database!.members[0]!.name ? "" : " backup"}`;
