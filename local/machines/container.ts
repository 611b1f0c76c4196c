import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { names } from "../network/namespaces.ts";
import { cgroupParent, isAbsent, podman } from "./podman.ts";
import type { HostSize, HostSpec } from "./types.ts";

const FUSE = "/dev/fuse";
const LABEL = "evenkeel.cloud";

export const containerName = (cloud: string, id: number) => `evenkeel-${cloud}-${id}`;

export async function runContainer(
    cloud: string,
    spec: HostSpec,
    seed: string,
    image: string,
): Promise<number> {
    await podman(
        "run",
        "--detach",
        `--name=${containerName(cloud, spec.id)}`,
        `--label=${LABEL}=${cloud}`,
        `--hostname=${spec.name}`,
        "--systemd=always",
        `--network=ns:/run/netns/${names.host(cloud, spec.id)}`,
        // /etc/hosts and /etc/resolv.conf are the image's, ordinary files.
        "--no-hosts",
        "--dns=none",
        // SYS_ADMIN for units with namespaces of their own, and SYS_PTRACE where they hide processes and have users of their own, as
        // Debian's Redis; SYS_BOOT so that a reboot differs from a poweroff; NET_BROADCAST as BIRD insists on it.
        "--cap-add=NET_ADMIN,NET_BROADCAST,NET_RAW,SYS_ADMIN,SYS_BOOT,SYS_PTRACE",
        "--ulimit=nofile=20000:20000",
        "--ulimit=nproc=32768:32768",
        "--pids-limit=0",
        // A kernel of its own has half of the memory there; podman's 64 MB are nearly all that Corosync takes.
        "--shm-size=512m",
        ...cgroupParent,
        // Each droplet has it; here it is the machine's.
        ...(existsSync(FUSE) ? [`--device=${FUSE}`] : []),
        `--volume=${seed}:/var/lib/cloud/seed/nocloud:ro`,
        ...limits(spec, seatOf(spec)),
        image,
    );
    return initOf(cloud, spec.id);
}

/** Starts a host that is off, with the limits of its present size, and gives the process id of its init. */
export async function startContainer(cloud: string, spec: HostSpec): Promise<number> {
    const { id } = spec;
    await podman("start", containerName(cloud, id));
    await podman("update", ...limits(spec, seatOf(spec)), containerName(cloud, id));
    return initOf(cloud, id);
}

/** Podman waits five seconds for processes that it killed; those with much to write on a busy disk take longer. */
const REMOVALS = 12;

/** Ends and removes containers; one that is not there is no error. */
export async function removeContainers(...containers: string[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
        try {
            await podman("rm", "--force", "--time=0", "--volumes", "--ignore", ...containers);
            return;
        } catch (error) {
            if (attempt === REMOVALS || !/did not die within/.test(String(error))) throw error;
        }
    }
}

/** Ends every process of the host at once. A frozen one must be let go, or the signal would wait. */
export async function killContainer(cloud: string, id: number): Promise<void> {
    if ((await containerState(cloud, id))?.paused) await podman("unpause", containerName(cloud, id));
    await signalContainer(cloud, id, "KILL");
    await podman("wait", "--interval=20ms", containerName(cloud, id)).catch(ignoreAbsent);
}

export async function signalContainer(cloud: string, id: number, signal: string): Promise<void> {
    try {
        await podman("kill", `--signal=${signal}`, containerName(cloud, id));
    } catch (error) {
        if (!/not running|improper state|can only kill running/i.test(String(error))) ignoreAbsent(error);
    }
}

export async function removeContainer(cloud: string, id: number): Promise<void> {
    await removeContainers(containerName(cloud, id));
}

export async function containersOf(cloud: string): Promise<string[]> {
    const { stdout } = await podman(
        "ps",
        "--all",
        "--quiet",
        "--no-trunc",
        `--filter=label=${LABEL}=${cloud}`,
    );
    return String(stdout).split("\n").filter(Boolean);
}

export interface ContainerState {
    running: boolean;
    paused: boolean;
    init: number;
    exitCode: number;
}

export async function containerState(cloud: string, id: number): Promise<ContainerState | undefined> {
    try {
        const format = "{{.State.Running}} {{.State.Paused}} {{.State.Pid}} {{.State.ExitCode}}";
        const { stdout } = await podman(
            "inspect",
            `--format=${format}`,
            "--type=container",
            containerName(cloud, id),
        );
        const [running, paused, init, exitCode] = String(stdout).trim().split(" ");
        return {
            running: running === "true" || paused === "true",
            paused: paused === "true",
            init: Number(init),
            exitCode: Number(exitCode),
        };
    } catch (error) {
        ignoreAbsent(error);
        return undefined;
    }
}

async function initOf(cloud: string, id: number): Promise<number> {
    const state = await containerState(cloud, id);
    if (!state?.running) throw new Error(`${containerName(cloud, id)} ended while it was starting`);
    return state.init;
}

/** Addresses are given out in sequence, so hosts take turns at the machine's processors; ids leave gaps. */
const seatOf = ({ publicAddress }: HostSpec) => Number(publicAddress.split(".").at(-1));

function limits(size: HostSize, seat: number): string[] {
    const machine = availableParallelism();
    const count = Math.min(size.vcpus, machine);
    const first = seat % machine;
    // Bound to as many processors as it may use, so that programs that count them see the size of the host.
    const cpus = Array.from({ length: count }, (_, index) => (first + index) % machine);
    return [
        `--memory=${size.memoryMb}m`,
        // As much swap again, as a host with a swap file has; none where the machine has none.
        `--memory-swap=${size.memoryMb * 2}m`,
        `--cpus=${count}`,
        `--cpuset-cpus=${cpus.join(",")}`,
    ];
}

function ignoreAbsent(error: unknown): void {
    if (!isAbsent(error)) throw error;
}
