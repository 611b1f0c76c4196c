import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What the APIs of one cloud keep on disk: JSON through and through, a part for each. */
export interface Store {
    /** The part of that name, which is as given when there is none yet. */
    part<State extends object>(name: string, empty: () => State): State;
    /** Hosts, and whatever else has a number, draw from one counter, so none is ever used twice. */
    nextId(): number;
    /** Resolves when everything changed before the call is on disk. */
    save(): Promise<void>;
}

interface Stored {
    nextId: number;
    parts: Record<string, object>;
}

export const STORE_FILE = "apis.json";

export async function openStore(stateDir: string): Promise<Store> {
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    const path = join(stateDir, STORE_FILE);
    const stored = await load(path);
    let written = "";
    let tail: Promise<void> = Promise.resolve();

    async function write(): Promise<void> {
        const text = `${JSON.stringify(stored, undefined, 1)}\n`;
        if (text === written) return;
        // User data holds private host keys, so the file is for its owner only.
        await writeFile(`${path}.new`, text, { mode: 0o600 });
        await rename(`${path}.new`, path);
        written = text;
    }

    return {
        part<State extends object>(name: string, empty: () => State) {
            stored.parts[name] ??= empty();
            return stored.parts[name] as State;
        },
        nextId: () => stored.nextId++,
        save() {
            const saved = tail.then(write);
            tail = saved.catch(() => {});
            return saved;
        },
    };
}

async function load(path: string): Promise<Stored> {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw error;
    });
    return text === undefined ? { nextId: 1001, parts: {} } : (JSON.parse(text) as Stored);
}
