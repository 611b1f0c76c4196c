/** What a host says of itself: src/hosts/onhost/host-status.jq. Times are in seconds since 1970, sizes in bytes. */
export interface HostStatus {
    now: number;
    booted: number | null;
    /** A role is being applied. */
    busy: boolean;
    memory: { total: number; free: number } | null;
    disks: Disk[];
    roles: RoleStatus[];
    /** Those among the roles' files. */
    certificates: { path: string; ends: number }[];
    /** Failed units, of roles or not. */
    failed: string[];
    restarts: {
        /** Why the host should be rebooted. */
        reboot: string[];
        /** Units that run what was replaced since. */
        units: string[];
    };
}

export interface Disk {
    mount: string;
    size: number;
    free: number;
    inodes: number;
    freeInodes: number;
}

export interface RoleStatus {
    name: string;
    /** When it changed something last. */
    since: number | null;
    /** SHA-256 of its text. */
    text: string | null;
    /** Its last change was cut off in the middle. */
    unfinished: boolean;
    units: UnitStatus[];
    /** How many files it has, programs included. */
    files: number;
    edited: string[];
    missing: string[];
    reports: Report[];
}

/** As systemd tells it. */
export interface UnitStatus {
    name: string;
    /** The role has it run; else it has only a word to say about how it runs. */
    runs: boolean;
    type: string;
    active: string;
    sub: string;
    /** Such as "enabled" or "static". */
    file: string;
    since: number | null;
    /** A condition of its own keeps it from running: a container's clock is its machine's. */
    unmet: boolean;
    /** Whose program it runs. */
    package: { name: string; version: string } | null;
}

/** A line of the role's own. */
export interface Report {
    what: string;
    says: string;
    good: boolean;
}
