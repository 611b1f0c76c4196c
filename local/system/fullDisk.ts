import { Unable } from "./packages.ts";
import { diskOf, gigabytes, remedy, settings } from "./room.ts";

const WORDS = /no space left on device|enough free space in|disk quota exceeded/i;

/** An error because a disk is full, as one line that tells which; any other error as it is. */
export function asFullDisk(error: unknown, disk = diskOf): unknown {
    if (error instanceof Unable) return error;
    const told = words(error);
    if (!WORDS.test(told)) return error;
    const path = pathIn(told) ?? fullest(disk);
    const { free, takesNoFiles } = disk(path);
    const state = takesNoFiles ? "takes no more files" : `has ${gigabytes(free)} left`;
    return new Unable(
        `No space is left on the disk: ${path} ${state}. ${sentence(remedy(path))}, and run this again: it goes on from here.`,
        { cause: error },
    );
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

/** The path in the line that says so. */
function pathIn(told: string): string | undefined {
    const line = told.split("\n").find((each) => WORDS.test(each)) ?? "";
    return /(?:^|[\s'"`‘(])(\/[^\s'"`’:,)]+)/.exec(line)?.[1];
}

function fullest(disk: typeof diskOf): string {
    const places = settings().map(({ under }) => ({ under, ...disk(under) }));
    const [first] = places.toSorted(
        (one, other) => Number(other.takesNoFiles) - Number(one.takesNoFiles) || one.free - other.free,
    );
    return first!.under;
}

const sentence = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}`;
