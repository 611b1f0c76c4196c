import { createHash } from "node:crypto";
import type { HostStatus, RoleStatus, UnitStatus } from "../../src/cli/status/hostStatus.ts";

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

export const unit = (name: string, more: Partial<UnitStatus> = {}): UnitStatus => ({
    name,
    runs: true,
    type: "notify",
    active: "active",
    sub: "running",
    file: "enabled",
    since: 1_795_848_000,
    unmet: false,
    package: { name: name.replace(/\..*/, ""), version: "1.2-3" },
    ...more,
});

export const roleStatus = (more: Partial<RoleStatus> = {}): RoleStatus => ({
    name: "web-web",
    since: 1_795_848_000,
    text: sha256(""),
    unfinished: false,
    units: [unit("nginx.service")],
    files: 4,
    edited: [],
    missing: [],
    reports: [],
    ...more,
});

/** A host that is well. */
export const status = (more: Partial<HostStatus> = {}): HostStatus => ({
    now: 1_795_851_600,
    booted: 1_795_592_400,
    busy: false,
    memory: { total: 1_024_000_000, free: 512_000_000 },
    disks: [
        { mount: "/", size: 25_000_000_000, free: 20_000_000_000, inodes: 1000, freeInodes: 900 },
        { mount: "/run", size: 100_000_000, free: 99_000_000, inodes: 1000, freeInodes: 900 },
    ],
    roles: [roleStatus()],
    certificates: [],
    failed: [],
    restarts: { reboot: [], units: [] },
    ...more,
});
