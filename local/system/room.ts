import { existsSync, readdirSync, statfsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { execa } from "execa";
import { cacheDirectory, cloudsDirectory } from "../directories.ts";
import { Unable } from "./packages.ts";

const GB = 1e9;

/** What will be written, and where. */
export interface Need {
    path: string;
    bytes: number;
    /** Such as "4 hosts". */
    what: string;
}

/** A disk, as far as it matters here. */
export interface Disk {
    /** The same for all paths on it. */
    device: number;
    free: number;
    /** Whether it takes no more files, however much is free. */
    takesNoFiles: boolean;
}

/** The disk of a path, or of the folder in which it will be made. */
export function diskOf(path: string): Disk {
    try {
        const { bavail, bsize, files, ffree } = statfsSync(path);
        return { device: statSync(path).dev, free: bavail * bsize, takesNoFiles: files > 0 && ffree === 0 };
    } catch (error) {
        const { code = "" } = error as NodeJS.ErrnoException;
        if (!["ENOENT", "ENOTDIR"].includes(code) || dirname(path) === path) throw error;
        return diskOf(dirname(path));
    }
}

/** Tells in one line which disk has not the room for what will be on it; nothing when all have. */
export function shortage(needs: Need[], disk = diskOf): string | undefined {
    for (const sharing of Map.groupBy(needs, ({ path }) => disk(path).device).values()) {
        const [most, ...others] = sharing.toSorted((one, other) => other.bytes - one.bytes);
        if (!most) continue;
        const bytes = sharing.reduce((sum, need) => sum + need.bytes, 0);
        const { free } = disk(most.path);
        if (free >= bytes) continue;
        const whats = [most, ...others].map(({ what }) => what).join(" and ");
        return `${most.path} has ${gigabytes(free)} left, and ${whats} need about ${gigabytes(bytes)}: ${remedy(most.path)}.`;
    }
    return undefined;
}

/** What a user can do about a disk that is full. */
export function remedy(path = "", clouds = cloudNames()): string {
    const setting = settingFor(path);
    return [
        "free some",
        ...(setting ? [`set ${setting.name}`] : []),
        // A run that was killed leaves its cloud, and hosts are what fills a disk.
        ...(clouds.length > 0
            ? [
                  `end a cloud that nobody needs (${clouds.join(", ")}) with "npm run local -- down --name NAME"`,
              ]
            : []),
    ].join(", or ");
}

export const settingFor = (path: string) =>
    settings().find(({ under }) => path === under || path.startsWith(`${under}/`));

const cloudNames = () => (existsSync(cloudsDirectory()) ? readdirSync(cloudsDirectory()) : []);

export const gigabytes = (bytes: number) => `${(bytes / GB).toFixed(1)} GB`;

/** Where everything large is written to, and what says so. */
export const settings = () => [
    { under: "/var/lib/containers", name: "graphroot in /etc/containers/storage.conf" },
    { under: cacheDirectory(), name: "XDG_CACHE_HOME" },
    { under: dirname(dirname(cloudsDirectory())), name: "XDG_STATE_HOME" },
    { under: tmpdir(), name: "TMPDIR" },
];

/** For what hosts write while they run. */
export const roomToRun: Need = { path: "/var/lib/containers", bytes: 0.3 * GB, what: "running hosts" };

/** As many as most programs here make. */
const HOSTS = 4;

/** Sees that the disks have room for a cloud with so many hosts, before anything of it is made. */
export async function checkRoom({ hosts = HOSTS } = {}): Promise<void> {
    expectRoom([
        // A web host writes 0.1 GB; a member of a cluster 0.6 GB, and with tests more.
        { path: await containerStorage(), bytes: hosts * 0.5 * GB, what: `${hosts} hosts` },
        { path: cacheDirectory(), bytes: 0.2 * GB, what: "their packages" },
        { path: cloudsDirectory(), bytes: 0.05 * GB, what: "what is kept of them" },
    ]);
}

/** Sees that there is room to make the image of the hosts. */
export async function checkRoomForImage(): Promise<void> {
    expectRoom([
        { path: cacheDirectory(), bytes: 0.5 * GB, what: "the host image's archive" },
        { path: tmpdir(), bytes: 0.7 * GB, what: "the host image's files" },
        { path: await containerStorage(), bytes: 0.5 * GB, what: "the host image" },
    ]);
}

export function expectRoom(needs: Need[]): void {
    const line = shortage(needs);
    if (line !== undefined) throw new Unable(line);
}

async function containerStorage(): Promise<string> {
    const info = await execa("podman", ["info", "--format={{.Store.GraphRoot}}"], { reject: false });
    return info.failed ? "/var/lib/containers/storage" : info.stdout.trim();
}
