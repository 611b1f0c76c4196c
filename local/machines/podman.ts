import { existsSync } from "node:fs";
import { execa, type Result } from "execa";

/**
 * podman with what hosts need, whatever the machine's own configuration says: runc, since crun refuses a mixed
 * cgroup tree, and the cgroup manager that the machine's init supports.
 */
export function podman(...command: string[]): Promise<Result<{ reject: true }>> {
    return execa("podman", [...flags(), ...command], { stdin: "ignore" });
}

export function podmanCommand(...command: string[]): string[] {
    return ["podman", ...flags(), ...command];
}

function flags(): string[] {
    const manager = existsSync("/run/systemd/system") ? "systemd" : "cgroupfs";
    return ["--log-level=error", "--runtime=runc", `--cgroup-manager=${manager}`];
}

/** The words of podman for what is not there. */
export function isAbsent(error: unknown): boolean {
    return /no such container|no container with name|no such object|image not known|does not exist/i.test(
        String(error),
    );
}
