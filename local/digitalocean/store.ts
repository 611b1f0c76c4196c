import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { State } from "./types.ts";

export interface Store {
    state: State;
    nextId(): number;
    /** Resolves when everything changed before the call is on disk. */
    save(): Promise<void>;
}

export async function openStore(stateDir: string): Promise<Store> {
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    const path = join(stateDir, "digitalocean.json");
    const state = await load(path);
    let written = "";
    let tail: Promise<void> = Promise.resolve();

    async function write(): Promise<void> {
        const text = `${JSON.stringify(state, undefined, 1)}\n`;
        if (text === written) return;
        // User data holds private host keys, so the file is for its owner only.
        await writeFile(`${path}.new`, text, { mode: 0o600 });
        await rename(`${path}.new`, path);
        written = text;
    }

    return {
        state,
        nextId: () => state.nextId++,
        save() {
            const saved = tail.then(write);
            tail = saved.catch(() => {});
            return saved;
        },
    };
}

async function load(path: string): Promise<State> {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw error;
    });
    return text === undefined ? emptyState() : (JSON.parse(text) as State);
}

function emptyState(): State {
    const now = timestamp();
    return {
        nextId: 1001,
        ownerId: randomUUID(),
        droplets: [],
        vpcs: [],
        keys: [],
        tags: [],
        firewalls: [],
        reservedIps: [],
        actions: [],
        projects: [
            {
                id: randomUUID(),
                name: "local",
                description: "",
                purpose: "Just trying out DigitalOcean",
                environment: "",
                isDefault: true,
                createdAt: now,
                updatedAt: now,
            },
        ],
        projectOf: {},
        domains: [],
    };
}

/** RFC 3339 in whole seconds, as the provider writes it. */
export function timestamp(): string {
    return `${new Date().toISOString().slice(0, 19)}Z`;
}
