import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { certificate, certificateKey } from "../test/support/certificate.ts";

/** A listener of TLS for the flagship's pages, as the program says it. */
export const TLS_LISTENER = `{ port: 443, backends: web.hosts, tls: ${JSON.stringify({ certificates: [{ certificate, privateKey: certificateKey }] })} }`;

/** How many connections of wrk stay open. */
export const CONNECTIONS = 32;

/** What wrk tells. */
export interface Load {
    requests: number;
    perSecond: number;
    /** Connections that broke, answers that did not come, and others than 200. */
    lost: number;
}

/** For so many seconds. */
export async function wrk(url: string, seconds: number): Promise<Load> {
    const { stdout } = await execa("wrk", [...options(seconds), url]);
    return told(stdout);
}

/** While something happens, two seconds before and after it. */
export async function wrkDuring(url: string, work: () => Promise<unknown>): Promise<Load> {
    const run = execa("wrk", [...options(LONGEST_S), url], { reject: false });
    try {
        await sleep(2000);
        await work();
        await sleep(2000);
    } finally {
        run.kill("SIGINT");
    }
    return told((await run).stdout);
}

const LONGEST_S = 600;

const options = (seconds: number) => [
    "-t",
    "1",
    "-c",
    String(CONNECTIONS),
    "-d",
    `${seconds}s`,
    "--timeout",
    "2s",
];

function told(stdout: string): Load {
    const found = (pattern: RegExp) => (pattern.exec(stdout)?.slice(1) ?? []).map(Number);
    const [requests = 0] = found(/(\d+) requests in/);
    const [perSecond = 0] = found(/Requests\/sec:\s+([\d.]+)/);
    const errors = [
        ...found(/connect (\d+), read (\d+), write (\d+), timeout (\d+)/),
        ...found(/Non-2xx or 3xx responses: (\d+)/),
    ];
    return { requests, perSecond: Math.round(perSecond), lost: errors.reduce((sum, each) => sum + each, 0) };
}
