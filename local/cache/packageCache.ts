import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { cacheDirectory } from "../directories.ts";
import { withLock } from "../lock.ts";
import { deleteLink } from "../network/namespaces.ts";
import { CACHE_ADDRESS, CACHE_PORT, CACHE_URL } from "./address.ts";
import { hostUri, type Mirror, machineMirrors } from "./mirrors.ts";

/** An interface of its own for the cache's address, which nothing outside the machine can reach. */
const LINK = "evenkeel-cache";
const directory = () => join(cacheDirectory(), "packages");
const inUse = <Result>(work: () => Promise<Result>) => withLock("packages", "the package cache", work);

/** One apt-cacher-ng for all local clouds of the machine, with a configuration of its own. */
export function startPackageCache(): Promise<void> {
    return inUse(async () => {
        await ensureAddress();
        const configuration = cacheConfiguration(directory(), machineMirrors(), await upstreamProxy());
        const file = join(directory(), "configuration", "acng.conf");
        const unchanged = read(file) === configuration;
        if (unchanged && (await answers())) return;
        await stopProcess();
        for (const part of ["configuration", "store", "log"])
            mkdirSync(join(directory(), part), { recursive: true });
        writeFileSync(file, configuration);
        await execa("/usr/sbin/apt-cacher-ng", ["-c", join(directory(), "configuration")], {
            stdio: "ignore",
        });
        for (let tries = 0; !(await answers()); tries++) {
            if (tries === 100) throw new Error(`the package cache does not answer; see ${directory()}/log`);
            await sleep(100);
        }
    });
}

/** Stops the process and removes its address; the packages stay. */
export function stopPackageCache(): Promise<void> {
    return inUse(async () => {
        await stopProcess();
        await deleteLink(undefined, LINK);
    });
}

export function cacheConfiguration(under: string, mirrors: Mirror[], proxy: string | undefined): string {
    // The name of a mirror's folder follows its address, so that adding a mirror moves no other.
    const name = ({ uri }: Mirror) => createHash("sha256").update(uri).digest("hex").slice(0, 12);
    const remaps = mirrors.map(
        (mirror) => `Remap-${name(mirror)}: ${hostUri(mirror).replace("http://", "")} ; ${mirror.uri}`,
    );
    return `CacheDir: ${under}/store
LogDir: ${under}/log
PidFile: ${under}/pid
SocketPath: ${under}/socket
SupportDir: /usr/lib/apt-cacher-ng
BindAddress: ${CACHE_ADDRESS}
Port: ${CACHE_PORT}
ReportPage:
ExThreshold: 30
FreshIndexMaxAge: 600
# Only these archives: hosts reach nothing else outside through this.
ForceManaged: 1
${remaps.join("\n")}
${proxy === undefined ? "" : `Proxy: ${proxy}\n`}`;
}

async function ensureAddress(): Promise<void> {
    const shown = await execa("ip", ["address", "show", "dev", LINK], { reject: false });
    if (shown.stdout.includes(CACHE_ADDRESS)) return;
    await deleteLink(undefined, LINK);
    await execa("ip", ["link", "add", LINK, "type", "bridge"]);
    await execa("ip", ["address", "add", `${CACHE_ADDRESS}/32`, "dev", LINK]);
    await execa("ip", ["link", "set", LINK, "up"]);
}

async function upstreamProxy(): Promise<string | undefined> {
    const { stdout } = await execa("apt-config", ["dump", "--format=%v", "Acquire::http::Proxy"], {
        reject: false,
    });
    return /^https?:\S+/.exec(stdout)?.[0];
}

async function answers(): Promise<boolean> {
    try {
        await fetch(CACHE_URL, { signal: AbortSignal.timeout(2000) });
        return true;
    } catch {
        return false;
    }
}

async function stopProcess(): Promise<void> {
    const pid = Number(read(join(directory(), "pid")));
    if (!pid || !read(`/proc/${pid}/cmdline`)?.includes(directory())) return;
    process.kill(pid, "SIGTERM");
    for (let tries = 0; read(`/proc/${pid}/cmdline`); tries++) {
        if (tries === 50) process.kill(pid, "SIGKILL");
        await sleep(100);
    }
    rmSync(join(directory(), "pid"), { force: true });
}

function read(file: string): string | undefined {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return undefined;
    }
}
