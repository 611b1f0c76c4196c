import { Unable } from "./packages.ts";
import { type Disk, diskOf, gigabytes, remedy, settingFor, settings } from "./room.ts";

const WORDS = /no space left on device|enough free space in|disk quota exceeded/i;

/** An error because a disk is full, as one line that tells which; any other error as it is. */
export function asFullDisk(error: unknown, disk = diskOf): unknown {
    if (error instanceof Unable) return error;
    const told = words(error);
    if (!WORDS.test(told)) return error;
    const paths = pathsIn(told);
    const { path, free, takesNoFiles } = fullest(paths, disk);
    const hasRoom = free >= 1e9 && !takesNoFiles;
    const line =
        hasRoom && paths.length === 0
            ? `on a disk ("df -h" tells which). ${sentence(remedy())}`
            : `on the disk: ${path} ${state(free, takesNoFiles)}. ${sentence(remedy(path))}`;
    return new Unable(`No space is left ${line}, and run this again: it goes on from here.`, {
        cause: error,
    });
}

function state(free: number, takesNoFiles: boolean): string {
    if (takesNoFiles) return "takes no more files";
    // What failed may have been removed since.
    return free < 1e9 ? `has ${gigabytes(free)} left` : "was full";
}

/** Does the work; where a disk is full, it fails with one line. */
export async function tellingFullDisk<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
        return await work();
    } catch (error) {
        throw asFullDisk(error);
    }
}

/** Everything that an error tells: its own message and code, what a program printed, and what caused it. */
function words(error: unknown): string {
    if (!(error instanceof Error)) return String(error);
    const { message, cause, code, stderr } = error as Error & { code?: string; stderr?: unknown };
    const full = code === "ENOSPC" || code === "EDQUOT" ? "no space left on device" : "";
    return [message, full, typeof stderr === "string" ? stderr : "", cause ? words(cause) : ""].join("\n");
}

/** The paths in the line that says so: what was written, but also what it was read from, and paths within a host. */
function pathsIn(told: string): string[] {
    const line = told.split("\n").find((each) => WORDS.test(each)) ?? "";
    return [...line.matchAll(/(?:^|[\s'"`‘(])(\/[^\s'"`’:,)]+)/g)].map(([, path = ""]) => path);
}

/** Of all disks that may be meant the fullest, by the path that tells the most. */
function fullest(paths: string[], diskAt: typeof diskOf): Disk & { path: string } {
    const known = settings().map(({ under }) => under);
    const candidates = [...paths.filter(settingFor), ...known, ...paths].map((path) => ({
        path,
        ...diskAt(path),
    }));
    const [full] = candidates.toSorted(
        (one, other) => Number(other.takesNoFiles) - Number(one.takesNoFiles) || one.free - other.free,
    );
    return candidates.find(({ device }) => device === full!.device)!;
}

const sentence = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}`;
