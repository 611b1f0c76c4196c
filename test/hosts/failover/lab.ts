import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { masterMark, renderKeepalived } from "../../../src/services/keepalived.ts";
import { token } from "./api.ts";

// Two hosts on one bridge, each with network, process and mount namespaces of its own, so that keepalived, HAProxy and
// failover run as Debian and the library install them, at their real paths.

export const gateway = "10.254.66.1";
export const reservedIp = "10.254.66.100";
const bridge = "ekfailover";
const virtualRouterId = 66;
const names = ["lb-0", "lb-1"] as const;
const onhost = path.resolve(import.meta.dirname, "../../../src/onhost");

export interface LabHost {
    name: string;
    dropletId: number;
    address: string;
    /** Runs a command on the host. */
    run(...command: string[]): Promise<string>;
    /** Starts a program that goes on running, its output in the host's log. */
    start(command: string): void;
    /** Ends every process of the host at once. */
    powerOff(): void;
    /** Process ids, as the host sees them. */
    processes(name: string): Promise<string[]>;
    log(): string;
    /** keepalived's last word on it; undefined when it has said nothing since it was started or stopped. */
    vrrpState(): string | undefined;
}

const stateLines = /Entering [A-Z]+ STATE|Starting Keepalived|Stopping/g;

const namespace = (name: string) => `ek-failover-${name}`;

export async function createLab(): Promise<{ hosts: LabHost[]; destroy(): Promise<void> }> {
    const folder = mkdtempSync(path.join(tmpdir(), "failover-"));
    await execa("ip", ["link", "add", bridge, "type", "bridge"]);
    await execa("ip", ["address", "add", `${gateway}/24`, "dev", bridge]);
    await execa("ip", ["address", "add", `${reservedIp}/32`, "dev", bridge]);
    await execa("ip", ["link", "set", bridge, "up"]);
    const hosts = await Promise.all(
        names.map((name, index) => createHost(path.join(folder, name), name, index)),
    );
    return {
        hosts,
        async destroy() {
            for (const host of hosts) host.powerOff();
            for (const name of names)
                await execa("ip", ["netns", "delete", namespace(name)], { reject: false });
            await execa("ip", ["link", "delete", bridge], { reject: false });
            rmSync(folder, { recursive: true, force: true });
        },
    };
}

async function createHost(folder: string, name: string, index: number): Promise<LabHost> {
    const network = namespace(name);
    const log = path.join(folder, "log");
    const link = `ekf${index}`;
    const address = `10.254.66.${11 + index}`;
    await execa("ip", ["netns", "add", network]);
    await execa("ip", [
        "link",
        "add",
        link,
        "master",
        bridge,
        "type",
        "veth",
        "peer",
        "name",
        "priv7",
        "netns",
        network,
    ]);
    await execa("ip", ["link", "set", link, "up"]);
    await execa("ip", ["-n", network, "address", "add", `${address}/24`, "dev", "priv7"]);
    for (const each of ["lo", "priv7"]) await execa("ip", ["-n", network, "link", "set", each, "up"]);

    mkdirSync(folder, { recursive: true });
    writeFileSync(
        path.join(folder, "keepalived.conf"),
        fillIn(renderKeepalived({ host: name, hosts: [...names], virtualRouterId })),
    );
    writeFileSync(path.join(folder, "failover.header"), `Authorization: Bearer ${token}\n`, { mode: 0o600 });
    const dropletId = 1001 + index;
    const conf = {
        API_URL: `http://${gateway}:8080`,
        ADDRESS: reservedIp,
        DROPLET_ID: dropletId,
        VIP: masterMark(virtualRouterId),
    };
    writeFileSync(
        path.join(folder, "failover.conf"),
        Object.entries(conf)
            .map((pair) => `${pair.join("=")}\n`)
            .join(""),
    );
    writeFileSync(path.join(folder, "haproxy.cfg"), haproxyConfiguration);
    writeFileSync(path.join(folder, "init"), init(folder), { mode: 0o755 });

    const outer = execa(
        "ip",
        [
            "netns",
            "exec",
            network,
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--mount-proc",
            "--kill-child",
            path.join(folder, "init"),
        ],
        { reject: false },
    );
    await waitFor(`${name} to boot`, () => readText(log).includes("booted"));
    const initPid = readText(`/proc/${outer.pid ?? 0}/task/${outer.pid ?? 0}/children`).trim();
    const enter = ["--target", initPid, "--mount", "--pid", "--net", "--"];
    const host: LabHost = {
        name,
        dropletId,
        address,
        run: async (...command) => (await execa("nsenter", [...enter, ...command])).stdout,
        start: (command) => {
            execa("nsenter", [...enter, "bash", "-c", `exec ${command} >>${log} 2>&1`], {
                stdio: "ignore",
                reject: false,
            });
        },
        powerOff: () => outer.kill("SIGKILL"),
        processes: async (comm) =>
            (
                await execa("nsenter", [...enter, "pgrep", "-r", "D,R,S,T", "-x", comm], { reject: false })
            ).stdout
                .split("\n")
                .filter(Boolean),
        vrrpState: () =>
            readText(log)
                .match(stateLines)
                ?.at(-1)
                ?.match(/[A-Z]{4,}/)?.[0],
        log: () => readText(log),
    };
    return host;
}

/** What the role library does on a real host. */
function fillIn(text: string): string {
    return text
        .replaceAll(/\{\{address lb-(\d)\}\}/g, (_, index) => `10.254.66.${11 + Number(index)}`)
        .replaceAll(/\{\{interface lb-\d\}\}/g, "priv7");
}

const haproxyConfiguration = `
global
    maxconn 100
defaults
    mode http
    timeout client 5s
    timeout connect 1s
    timeout server 5s
frontend monitor
    bind 127.0.0.1:8404
    monitor-uri /alive
frontend web
    bind :80
    http-request return status 200
`;

/** The host's first process: the files in place, then reaping orphans; its end is the host's power-off. */
function init(folder: string): string {
    return `#!/bin/bash
exec >>${folder}/log 2>&1
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /usr/local/lib
mount -t tmpfs tmpfs /usr/local/bin
printf '#!/bin/bash\\necho "$EPOCHREALTIME $*" >>${folder}/log\\n' >/usr/local/bin/logger
chmod 755 /usr/local/bin/logger
cp -r ${onhost} /usr/local/lib/evenkeel
mkdir ${folder}/disk
mount -t tmpfs tmpfs ${folder}/disk
mkdir ${folder}/disk/upper ${folder}/disk/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=${folder}/disk/upper,workdir=${folder}/disk/work /etc
mkdir -p /etc/evenkeel /etc/keepalived
cp -p ${folder}/failover.* ${folder}/haproxy.cfg /etc/evenkeel/
cp ${folder}/keepalived.conf /etc/keepalived/
chown -R root:root /etc/evenkeel /usr/local/lib/evenkeel
echo booted
exec perl -e '$SIG{CHLD} = "IGNORE"; sleep'
`;
}

export function readText(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}

export async function waitFor(
    what: string,
    condition: () => boolean | Promise<boolean>,
    seconds = 20,
): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (!(await condition())) {
        if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}
