/** What HAProxy tells on a balancer's private address. */
export interface MonitoringSettings {
    pair: string;
    host: string;
    /** Nothing without it. */
    metricsPort?: number | undefined;
    statusPage: boolean;
}

/** Who may see the status page stands apart: it is a secret. */
export const statusAccount = (pair: string) => `/etc/haproxy/evenkeel/${pair}-status.cfg`;

/** Its name among a role's values. */
export const STATUS_VALUE = "status-account";

const STATUS_USER = "admin";

/** The account in HAProxy's words. */
export const statusAccountText = (pair: string, password: string) =>
    `userlist ${pair}-status\n    user ${STATUS_USER} insecure-password ${password}\n`;

/** Figures for Prometheus, and a page for people that changes nothing. */
export function monitoring({ pair, host, metricsPort, statusPage }: MonitoringSettings): string[] {
    if (metricsPort === undefined) return [];
    const page = `    acl is_known http_auth(${pair}-status)
    stats enable
    stats uri /status
    stats hide-version
    stats refresh 5s
    stats http-request auth realm status unless is_known
`;
    return [
        `frontend ${pair}-metrics from http
    bind ${host}:${metricsPort}
    http-request use-service prometheus-exporter if { path /metrics }
${statusPage ? page : ""}    http-request return status 404 ${statusPage ? "unless { path /status }" : ""}
`.replace(/ +$/gm, ""),
    ];
}
