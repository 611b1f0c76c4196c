import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { step } from "../progress.ts";

/** Debian's name of each package the local cloud stands on, and a program by which to see that it is there. */
const PACKAGES: Record<string, string> = {
    podman: "podman",
    runc: "runc",
    conmon: "conmon",
    nftables: "nft",
    iproute2: "ip",
    procps: "sysctl",
    "util-linux": "flock",
    mmdebstrap: "mmdebstrap",
    "apt-cacher-ng": "apt-cacher-ng",
    bird2: "bird",
};

/** What some of them would start at every boot; each cloud has its own. */
const SERVICES: Record<string, string> = { "apt-cacher-ng": "apt-cacher-ng.service", bird2: "bird.service" };

/** A message for the user, shown without a stack. */
export class Unable extends Error {}

/** Sees that the machine has what the local cloud needs, installing packages where that is possible. */
export async function prepareSystem(): Promise<void> {
    const missing = checkSystem();
    if (missing.length > 0) await step(`Installing ${missing.join(", ")}`, () => installPackages(missing));
    await loadBridgeFilter();
    allowManyHosts();
}

/** Changes nothing: answers for the packages that are missing, or says why a local cloud cannot be here. */
export function checkSystem(): string[] {
    const system: System = {
        platform: process.platform,
        missing: process.platform === "linux" ? missingPackages() : [],
        isDebianLike: isDebianLike(),
        isRoot: process.getuid?.() === 0,
    };
    const reason = refusal(system);
    if (reason !== undefined) throw new Unable(reason);
    return system.missing;
}

export interface System {
    platform: string;
    /** Packages that are not installed. */
    missing: string[];
    isDebianLike: boolean;
    isRoot: boolean;
}

/** Why nothing can be done on this machine, and what the user can do about it; found out before anything is changed. */
export function refusal({ platform, missing, isDebianLike, isRoot }: System): string | undefined {
    if (platform !== "linux") return "The local cloud needs Linux.";
    if (missing.length > 0 && !isDebianLike) return `Install these first: ${missing.join(" ")}`;
    if (isRoot) return undefined;
    if (missing.length > 0) return `Run this first: sudo apt-get install -y ${missing.join(" ")}`;
    return "The local cloud makes containers and networks: run it as root.";
}

/** Every host's systemd watches files, and the machine's common bound of 128 watchers is twenty hosts: raised, never lowered. */
function allowManyHosts(): void {
    const bound = "/proc/sys/fs/inotify/max_user_instances";
    if (Number(readFileSync(bound, "utf8")) < 1024) writeFileSync(bound, "1024");
}

function missingPackages(): string[] {
    const path = [...(process.env.PATH ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
    const has = (program: string) => path.some((directory) => existsSync(join(directory, program)));
    const missing = Object.entries(PACKAGES).filter(([, program]) => !has(program));
    const keyring = existsSync("/usr/share/keyrings/debian-archive-keyring.gpg");
    return [...missing.map(([name]) => name), ...(keyring ? [] : ["debian-archive-keyring"])];
}

function isDebianLike(): boolean {
    return (
        existsSync("/etc/os-release") &&
        /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"))
    );
}

async function installPackages(packages: string[]): Promise<void> {
    const environment = { env: { DEBIAN_FRONTEND: "noninteractive" }, stdin: "ignore" } as const;
    const install = ["install", "--yes", "--no-install-recommends", ...packages];
    await withoutStartingServices(async () => {
        const first = await execa("apt-get", install, { ...environment, reject: false });
        if (!first.failed) return;
        await execa("apt-get", ["update"], environment);
        await execa("apt-get", install, environment);
    });
    const units = packages.flatMap((name) => SERVICES[name] ?? []);
    if (units.length > 0 && existsSync("/run/systemd/system"))
        await execa("systemctl", ["disable", "--quiet", ...units]);
}

/** A package cache open to the developer's network is not what anyone asked for; we start one of our own. */
async function withoutStartingServices(work: () => Promise<void>): Promise<void> {
    const policy = "/usr/sbin/policy-rc.d";
    if (existsSync(policy)) return work();
    writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
    try {
        await work();
    } finally {
        rmSync(policy, { force: true });
    }
}

async function loadBridgeFilter(): Promise<void> {
    const present = () => existsSync("/proc/sys/net/bridge");
    if (!present()) await execa("modprobe", ["br_netfilter"], { reject: false });
    if (!present())
        throw new Unable(
            "The kernel has no br_netfilter, which the cloud firewall needs: modprobe br_netfilter",
        );
}
