import { readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";

/** A lock of the file backend, as the engine leaves it when it is killed. */
interface Lock {
    file: string;
    /** Not told by a file that a power cut left without its content. */
    pid?: number;
    hostname?: string;
}

/** Removes the locks of processes that ran on this machine and are gone; gives the ids of those still at work. */
export function releaseStaleLocks(backend: string): number[] {
    removeHalfNotes(backend);
    const here = locksIn(backend).filter((lock) => (lock.hostname ?? hostname()) === hostname());
    const isHeld = ({ pid }: Lock) => pid !== undefined && isEngine(pid);
    for (const lock of here.filter((each) => !isHeld(each))) {
        rmSync(lock.file, { force: true });
        console.error(
            `The stack was locked by a Pulumi that is gone (process ${lock.pid ?? "unknown"}): unlocked.`,
        );
    }
    return here.filter(isHeld).flatMap(({ pid }) => pid ?? []);
}

/**
 * Beside each file the engine notes what kind of file it is, and not as a whole: of a note that was cut off all that it says is
 * "EOF", and the stack is none to it. Without a note it reads the file.
 */
function removeHalfNotes(backend: string): void {
    const notes = filesIn(join(backend, ".pulumi")).filter((file) => file.endsWith(".attrs"));
    for (const note of notes.filter((each) => !isWhole(each))) rmSync(note, { force: true });
}

function isWhole(file: string): boolean {
    try {
        JSON.parse(readFileSync(file, "utf8"));
        return true;
    } catch {
        return false;
    }
}

function locksIn(backend: string): Lock[] {
    const folder = join(backend, ".pulumi", "locks");
    return filesIn(folder)
        .filter((file) => file.endsWith(".json"))
        .map((file) => ({ ...contentOf(file), file }));
}

function filesIn(folder: string): string[] {
    try {
        return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        return [];
    }
}

/** The engine writes a lock beside and renames it, so one that cannot be read belongs to nobody who lives. */
function contentOf(file: string): Pick<Lock, "pid" | "hostname"> {
    try {
        return JSON.parse(readFileSync(file, "utf8"));
    } catch {
        return {};
    }
}

/** Its number may be another program's by now. */
function isEngine(pid: number): boolean {
    try {
        const [program = ""] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return basename(program) === "pulumi";
    } catch {
        return false;
    }
}
