import { connect } from "node:tls";

/** What a listener of TLS agrees on with a visitor who knows HTTP/2; its certificate has to be one of `ca` for the name. */
export async function agreedProtocol(host: string, port: number, servername: string, ca: string) {
    const socket = connect({ host, port, servername, ca, ALPNProtocols: ["h2"] });
    await new Promise((resolve, reject) => socket.on("secureConnect", resolve).on("error", reject));
    socket.destroy();
    return socket.alpnProtocol;
}
