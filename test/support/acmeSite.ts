import { connect, type TLSSocket } from "node:tls";
import { type Flagship, succeeded } from "./flagship.ts";
import { DIRECTORY, startPebble, stopPebble } from "./pebble.ts";

export const NAMES = ["www.example.com", "example.com"];
export const BUNDLE = `/var/lib/evenkeel/acme/lb/${NAMES[0]}.pem`;
export const BALANCERS = ["lb-0", "lb-1"];

/** The flagship with a listener in TLS whose certificates are Pebble's, from `begin` to `end`. */
export function acmeSite(site: Flagship) {
    let restore: (() => void) | undefined;

    /** Gives what `up` said. */
    async function begin(): Promise<string> {
        const caCertificate = await startPebble(site);
        const acme = {
            certificates: [{ names: NAMES }],
            email: "admin@example.com",
            directoryUrl: DIRECTORY,
            caCertificate: `${caCertificate}\n`,
        };
        restore = site.edit(
            "pinned: [",
            `backendPort: 80 }, { port: 443, backends: web.hosts, tls: { acme: ${JSON.stringify(acme)} }, pinned: [`,
        );
        return succeeded(await site.stack.up());
    }

    async function end(): Promise<void> {
        if (!restore) return;
        restore();
        restore = undefined;
        succeeded(await site.stack.up());
        await stopPebble(site);
    }

    /** A visitor's connection, which stays. */
    const visitor = (): Promise<TLSSocket> =>
        new Promise((open, fail) => {
            const socket = connect(
                { host: site.address, port: 443, servername: NAMES[0]!, rejectUnauthorized: false },
                () => open(socket),
            );
            socket.once("error", fail);
        });
    const ask = (socket: TLSSocket): Promise<string> =>
        new Promise((answered, fail) => {
            const ended = () => fail(new Error("the connection has ended"));
            if (socket.destroyed || socket.readableEnded) return ended();
            socket.once("close", ended);
            socket.once("data", (part) => {
                socket.off("close", ended);
                answered(part.toString().split("\r\n")[0]!);
            });
            socket.write(`GET / HTTP/1.1\r\nHost: ${NAMES[0]}\r\n\r\n`);
        });
    /** Of whoever answers at the pair's address. */
    async function served() {
        const socket = await visitor();
        const { serialNumber, issuer, subjectaltname } = socket.getPeerCertificate();
        socket.destroy();
        return { serial: serialNumber, issuer: String(issuer.CN), names: subjectaltname };
    }

    const serialOn = (host: string) =>
        site.on(host, `openssl x509 -noout -serial -in ${BUNDLE} | cut -d= -f2`);
    /** What the unit does once a minute, now. */
    const turn = (host: string) => site.on(host, "systemctl start evenkeel-acme@lb");
    const renew = (host: string) => site.on(host, "acme-certificates renew lb");
    const status = async () => {
        const { exitCode, output } = await site.stack.execute("npx", "evenkeel", "status");
        return { exitCode, output };
    };

    return { begin, end, serialOn, turn, renew, status, visitor, ask, served };
}
