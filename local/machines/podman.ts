import { existsSync } from "node:fs";
import { execa, type Result } from "execa";
import { tellingFullDisk } from "../system/fullDisk.ts";

const manager = existsSync("/run/systemd/system") ? "systemd" : "cgroupfs";

/**
 * podman with what hosts need, whatever the machine's own configuration says: runc, since crun refuses a mixed
 * cgroup tree, and the cgroup manager that the machine's init supports.
 */
export function podman(...command: string[]): Promise<Result<{ reject: true }>> {
    return tellingFullDisk(() => execa("podman", [...flags(), ...command], { stdin: "ignore" }));
}

export function podmanCommand(...command: string[]): string[] {
    return ["podman", ...flags(), ...command];
}

function flags(): string[] {
    return ["--log-level=error", "--runtime=runc", `--cgroup-manager=${manager}`];
}

/**
 * Without systemd, podman puts all containers into one group, which gets no more of a processor than one thread of the
 * machine does. Each is a group of its own then.
 */
export const cgroupParent: string[] = manager === "cgroupfs" ? ["--cgroup-parent=/"] : [];

/** The words of podman for what is not there. */
export function isAbsent(error: unknown): boolean {
    return /no such container|no container with name|no such object|image not known|does not exist/i.test(
        String(error),
    );
}
