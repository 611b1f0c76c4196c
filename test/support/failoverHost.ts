import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import { standIns } from "./standIns.ts";

/** The shared address, and the mark of who is to have it. */
export const ADDRESS = "203.0.113.200";
const MARK = "169.254.51.100/32";

/** What the API does with one call, in place of the usual. */
export interface Odd {
    status?: number;
    retryAfter?: number;
    /** What it says of the error. */
    says?: string;
    /** Whether it does it all the same. @default false */
    isDone?: boolean;
    /** Whether the answer never comes. @default false */
    hangs?: boolean;
    /** What happens meanwhile. */
    meanwhile?: () => void;
}

/** A cloud's API as far as it has a reserved IP: who has it, and what a call does. */
export interface FakeApi {
    holder: string;
    /** Every call, in order, as "POST attach". */
    calls: string[];
    /** What is odd about the next calls of a kind, one each. */
    odd: Record<string, Odd[]>;
}

/** Answers a call, and does it unless told otherwise. */
type Route = (
    api: FakeApi,
    call: string,
    body: Record<string, unknown>,
    isDone: boolean,
) => { status: number; body?: unknown };

/** A host that runs `failover` for one cloud: keepalived is a process, addresses are files, the API is on loopback. */
export async function failoverHost(conf: string, nameOf: (request: IncomingMessage) => string, route: Route) {
    const api: FakeApi = { holder: "", calls: [], odd: {} };
    const server = createServer((request, response) => {
        let text = "";
        request.on("data", (part) => {
            text += part;
        });
        request.on("end", () => {
            const call = nameOf(request);
            api.calls.push(call);
            const odd = api.odd[call]?.shift();
            const { status, body } = route(
                api,
                call,
                text ? JSON.parse(text) : {},
                !odd?.status || !!odd.isDone,
            );
            odd?.meanwhile?.();
            if (odd?.hangs) return;
            if (odd?.retryAfter !== undefined) response.setHeader("Retry-After", odd.retryAfter);
            response.statusCode = odd?.status ?? status;
            const said = { error: odd?.says, message: odd?.says };
            response.end(JSON.stringify(odd?.status ? said : (body ?? {})));
        });
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    onTestFinished(() => {
        server.closeAllConnections();
        server.close();
    });

    const { folder, env, standIn } = await standIns();
    const at = (name: string) => join(folder, name);
    await standIn("logger", "");
    // Each address of the host is a file with the interface that has it.
    await mkdir(at("addresses"));
    await standIn(
        "ip",
        `cd ${at("addresses")}
case "$*" in
    *"route show default") echo "default via 203.0.113.1 dev enp1s0 proto dhcp" ;;
    *"show dev lo to ${MARK}") [ ! -e mark ] || echo "1: lo inet ${MARK} scope global lo" ;;
    *"show to ${ADDRESS}") [ ! -e ${ADDRESS} ] || echo "2: $(cat ${ADDRESS}) inet ${ADDRESS}/32 scope global $(cat ${ADDRESS})" ;;
    "address add ${ADDRESS}/32 dev "*) echo "\${*: -1}" >${ADDRESS} ;;
    "address delete ${ADDRESS}/32 dev "*) rm ${ADDRESS} ;;
    *) echo "unknown: $*" >&2; exit 1 ;;
esac`,
    );
    // The local HAProxy has backends.
    const ready = createServer((_, response) => response.end()).listen(at("ready"));
    onTestFinished(() => void ready.close());
    await mkdir(at("bin"));
    await copyFile("/usr/bin/sleep", at("bin/keepalived"));
    const keepalived = execa(at("bin/keepalived"), ["120"], { reject: false });
    onTestFinished(() => void keepalived.kill("SIGKILL"));
    writeFileSync(at("vrrp.pid"), `${keepalived.pid}\n`);
    writeFileSync(at("header"), "Authorization: Bearer word\n");
    const { port } = server.address() as AddressInfo;
    writeFileSync(
        at("conf"),
        `API_URL=http://127.0.0.1:${port}
ADDRESS=${ADDRESS}
${conf}VIP=${MARK}
READY=${at("ready")}
HEADER=${at("header")}
RUN_DIR=${at("run")}
ENGINE=("${at("vrrp.pid")} keepalived")
`,
    );

    const beMaster = (isMaster: boolean) =>
        isMaster ? writeFileSync(at("addresses/mark"), "") : rmSync(at("addresses/mark"), { force: true });
    beMaster(true);
    const run = (mode: string) =>
        execa(resolve("src/balancer/onhost/failover"), [mode, at("conf")], {
            env: { ...env, no_proxy: "127.0.0.1" },
            reject: false,
            all: true,
            detached: true,
        });
    return {
        api,
        run,
        beMaster,
        /** Has one end that runs, in the middle of whatever it does. */
        async kill(running: ReturnType<typeof run>) {
            running.kill("SIGKILL");
            // What it has started goes on otherwise, and has its output.
            process.kill(-running.pid!, "SIGKILL");
            await running;
        },
        /** Calls since this was last asked. */
        calls: () => api.calls.splice(0),
        /** The interface that has the address, if this host has it. */
        carriedOn: () =>
            existsSync(at(`addresses/${ADDRESS}`))
                ? readFileSync(at(`addresses/${ADDRESS}`), "utf8").trim()
                : undefined,
        carry: () => writeFileSync(at(`addresses/${ADDRESS}`), "enp1s0\n"),
        has: (file: string) => existsSync(at(`run/${file}`)),
    };
}
