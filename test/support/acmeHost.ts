import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { execa } from "execa";
import { thumbprint } from "../../src/acme/keys.ts";
import { PYTHON } from "./python.ts";

const PROGRAMS = "src/acme/onhost";
const NAMES = ["www.shop.invalid", "shop.invalid"];

/** What stands for a balancer, so that its programs run here: folders of its own, a stand-in for dehydrated, a HAProxy's socket. */
export interface AcmeHost extends AsyncDisposable {
    /** Whether it has the pair's address. */
    isMaster(yes: boolean): void;
    /** What the authority says against a certificate; nothing any more without it. */
    refuses(output?: string): void;
    /** How often the authority was asked. */
    orders(): number;
    /** One of the program's commands, so many days later. */
    run(
        command: string,
        daysLater?: number,
    ): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }>;
    /** Another host's settings, or others of its own. */
    settings(change: Record<string, unknown>): void;
    /** The serial number of what is on its disk, and of what its HAProxy serves. */
    serials(): { disk: string | undefined; haproxy: string | undefined };
    bundle: string;
    record(): Record<string, unknown> | undefined;
    /** Ends its HAProxy. */
    stopHaproxy(): Promise<void>;
    /** HAProxy reads its file, as at a start. */
    startHaproxy(): Promise<void>;
    /** What it serves at the pair's address; the port. */
    serve(): Promise<number>;
    at(path: string): string;
}

/** The keys that both hosts of a pair have. */
export interface PairKeys extends Disposable {
    folder: string;
    thumbprint: string;
}

export function pairKeys(): PairKeys {
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-acme-keys-"));
    const openssl = (words: string) =>
        execFileSync("openssl", words.split(" "), { cwd: folder, stdio: "pipe" });
    openssl("genrsa -traditional -out account.key 2048");
    newKey(join(folder, "www.shop.invalid.key"));
    openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 3650 -subj /CN=authority",
    );
    return {
        folder,
        thumbprint: thumbprint(openssl("rsa -in account.key -pubout").toString()),
        [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
    };
}

export const newKey = (path: string) =>
    execFileSync(
        "openssl",
        ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path],
        {
            stdio: "pipe",
        },
    );

export async function acmeHost(keys: PairKeys): Promise<AcmeHost> {
    const root = mkdtempSync(join(tmpdir(), "evenkeel-acme-"));
    const at = (path: string) => join(root, path);
    const write = (path: string, text: string) => {
        mkdirSync(dirname(at(path)), { recursive: true });
        writeFileSync(at(path), text);
    };
    const stub = (name: string, text: string) => {
        write(`bin/${name}`, `#!/bin/bash\nROOT=${root} KEYS=${keys.folder}\n${text}`);
        chmodSync(at(`bin/${name}`), 0o755);
    };
    let config: Record<string, unknown> = {
        ...{ address: "127.0.0.1", port: 1, mark: "169.254.51.100" },
        ...{ directory: "https://ca.example/directory", email: "admin@example.com", challenge: "http-01" },
        thumbprint: keys.thumbprint,
        certificates: [{ id: NAMES[0], names: NAMES }],
    };
    const settings = (change: Record<string, unknown>) => {
        config = { ...config, ...change };
        write("etc/lb/acme.json", JSON.stringify(config));
    };
    settings({});
    for (const name of ["account", NAMES[0]])
        write(`etc/lb/acme/${name}.key`, readFileSync(join(keys.folder, `${name}.key`), "utf8"));
    stub("ip", '[[ ! -e $ROOT/master ]] || echo "1: lo inet 169.254.51.100/32"');
    stub("systemctl", "exit 0");
    stub("dehydrated", DEHYDRATED);
    write("driver.py", DRIVER);
    const bundle = at(`var/lb/${NAMES[0]}.pem`);
    const haproxy = runtimeApi(bundle, at("haproxy.sock"));
    const servers: Server[] = [];
    const close = (server: Server) => new Promise<void>((closed) => server.close(() => closed()));
    return {
        at,
        bundle,
        settings,
        isMaster: (yes) => (yes ? write("master", "") : rmSync(at("master"), { force: true })),
        refuses: (output) =>
            output === undefined ? rmSync(at("refusal"), { force: true }) : write("refusal", output),
        orders: () =>
            existsSync(at("orders")) ? readFileSync(at("orders"), "utf8").split("\n").length - 1 : 0,
        run: async (command, daysLater = 0) => {
            const { exitCode, stdout, stderr } = await execa(
                PYTHON,
                ["-B", at("driver.py"), PROGRAMS, String(daysLater * 86_400), command, "lb"],
                {
                    reject: false,
                    env: {
                        PATH: `${at("bin")}:${process.env.PATH}`,
                        EVENKEEL_SETTINGS: at("etc"),
                        EVENKEEL_STATE: at("var"),
                        EVENKEEL_HAPROXY: at("haproxy.sock"),
                    },
                },
            );
            return { exitCode, stdout, stderr };
        },
        serials: () => ({
            disk: existsSync(bundle) ? serialOf(bundle) : undefined,
            haproxy: haproxy.serial(),
        }),
        record: () => {
            const path = bundle.replace(/pem$/, "json");
            return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
        },
        startHaproxy: haproxy.start,
        stopHaproxy: haproxy.stop,
        serve: async () => {
            const text = readFileSync(bundle, "utf8");
            const server = createTlsServer({ key: text, cert: text }, (socket) =>
                socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\n\r\n")).on("error", () => {}),
            );
            server.on("tlsClientError", () => {});
            servers.push(server);
            await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
            return (server.address() as { port: number }).port;
        },
        [Symbol.asyncDispose]: async () => {
            await haproxy.stop();
            await Promise.all(servers.map(close));
            rmSync(root, { recursive: true });
        },
    };
}

function serialOf(path: string): string {
    const said = execFileSync("openssl", ["x509", "-noout", "-serial", "-in", path]).toString();
    return said.trim().replace("serial=", "");
}

/** HAProxy's administration socket, as far as certificates go. */
function runtimeApi(bundle: string, path: string) {
    let server: Server | undefined;
    let served: string | undefined;
    let set: string | undefined;
    const load = (text: string) => {
        writeFileSync(`${path}.pem`, text);
        return serialOf(`${path}.pem`);
    };
    const answer = (command: string) => {
        if (command === `show ssl cert ${bundle}\n`)
            return `Filename: ${bundle}\nStatus: Used\nSerial: ${served}\n`;
        if (command.startsWith(`set ssl cert ${bundle} <<\n`)) {
            if (!command.endsWith("-----END PRIVATE KEY-----\n\n") || command.slice(0, -1).includes("\n\n"))
                return "unable to load certificate\n";
            set = load(command);
            return "Transaction created\n";
        }
        if (command === `commit ssl cert ${bundle}\n` && set) {
            served = set;
            return "Committing.\nSuccess!\n";
        }
        return "unknown command\n";
    };
    return {
        serial: () => served,
        start: async () => {
            served = load(readFileSync(bundle, "utf8"));
            server = createServer((socket) => {
                let text = "";
                socket.on("data", (part) => {
                    text += part.toString();
                    // A payload ends with an empty line.
                    if (text.includes("<<") ? text.endsWith("\n\n") : text.endsWith("\n"))
                        socket.end(answer(text));
                });
            });
            await new Promise<void>((listening) => server!.listen(path, listening));
        },
        stop: async () => {
            const running = server;
            server = undefined;
            if (running) await new Promise<void>((closed) => running.close(() => closed()));
        },
    };
}

const DEHYDRATED = `
if [[ $* == *--register* ]]; then exit 0; fi
echo order >>$ROOT/orders
if [[ -e $ROOT/refusal ]]; then cat $ROOT/refusal >&2; exit 1; fi
openssl x509 -req -in "\${@: -1}" -CA $KEYS/ca.pem -CAkey $KEYS/ca.key -set_serial 0x$(openssl rand -hex 8) -days 90 -copy_extensions copy
`;

const DRIVER = `import runpy, sys, time
programs, later, *words = sys.argv[1:]
now = time.time
time.time = lambda: now() + float(later)
sys.path.insert(0, programs)
sys.argv = ["acme-certificates", *words]
runpy.run_path(f"{programs}/acme-certificates", run_name="__main__")
`;
