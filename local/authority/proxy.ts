import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Duplex } from "node:stream";
import type { FastifyInstance } from "fastify";
import type { Authority } from "./authority.ts";

export interface Proxy {
    server: Server;
    close(): void;
}

/**
 * Where HTTPS_PROXY may point: it answers in place of the providers, by their own names and with certificates of the
 * cloud's authority, for clients that take no other address. There is no way out of the local cloud, so anybody
 * else's name is refused.
 */
export async function createProxy(
    authority: Authority,
    apps: Record<string, FastifyInstance>,
    log: (line: string) => void,
): Promise<Proxy> {
    const server = createServer((_request, response) => response.writeHead(403).end());
    const tunnels = new Set<Duplex>();
    const ends = new Map<string, Server>();
    for (const [name, app] of Object.entries(apps)) {
        ends.set(`${name}:443`, createSecureServer(await authority.issue([name]), app.routing) as Server);
    }
    server.on("connect", (request, socket: Duplex, head) => {
        const end = ends.get(request.url ?? "");
        // A client that goes away in the middle is no concern of ours.
        socket.on("error", () => socket.destroy());
        if (!end) {
            log(`NOT IN THE LOCAL CLOUD: CONNECT ${request.url}`);
            return socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        }
        tunnels.add(socket.on("close", () => tunnels.delete(socket)));
        socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        if (head.length > 0) socket.unshift(head);
        end.emit("connection", socket);
    });
    return {
        server,
        close() {
            for (const tunnel of tunnels) tunnel.destroy();
            server.close();
            server.closeAllConnections();
        },
    };
}
