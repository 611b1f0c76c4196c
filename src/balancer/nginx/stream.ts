import { tcpName } from "../frontends.ts";
import type { TcpListener } from "../listeners.ts";
import { tcpUpstream } from "./upstreams.ts";

export interface StreamSettings {
    pair: string;
    addresses: string[];
}

/** Listeners of TCP. */
export const streamPart = (settings: StreamSettings, tcp: TcpListener[]): string[] =>
    tcp.flatMap((listener) => [tcpUpstream(settings.pair, listener), server(settings, listener)]);

function server({ pair, addresses }: StreamSettings, listener: TcpListener): string {
    const { port, timeout = 3600, trustedProxies = [], acceptProxyProtocol, sendProxyProtocol } = listener;
    const lines = [
        ...addresses.map(
            (address) =>
                `listen ${address}:${port} so_keepalive=on${acceptProxyProtocol ? " proxy_protocol" : ""};`,
        ),
        ...(acceptProxyProtocol ? trustedProxies.map((network) => `set_real_ip_from ${network};`) : []),
        "proxy_connect_timeout 1s;",
        `proxy_timeout ${timeout}s;`,
        "proxy_socket_keepalive on;",
        "proxy_half_close on;",
        ...(sendProxyProtocol ? ["proxy_protocol on;"] : []),
        `proxy_pass ${tcpName(pair, listener)};`,
    ];
    return `server {\n${lines.map((line) => `    ${line}\n`).join("")}}\n`;
}
