import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { stateDirectory } from "./paths.ts";

/** What tools need to know of a local cloud that is up. */
export interface LocalCloud {
    directory: string;
    apiUrl: string;
    token: string;
    /** What balancers use to move a reserved IP. */
    failoverToken?: string;
}

type Recorded = Omit<LocalCloud, "directory">;

/** A local cloud by name; undefined when it is down. */
export async function localCloud(name = "local"): Promise<LocalCloud | undefined> {
    const directory = join(stateDirectory, "clouds", name);
    const state = read(join(directory, "cloud.json"));
    if (!state || !(await answers(state.apiUrl))) return undefined;
    return { ...state, directory };
}

/** The environment in which the engine deploys to a local cloud and keeps its state beside it. */
export function localCloudEnvironment(cloud: LocalCloud): Record<string, string> {
    const backend = join(cloud.directory, "pulumi");
    mkdirSync(backend, { recursive: true, mode: 0o700 });
    return {
        DIGITALOCEAN_API_URL: cloud.apiUrl,
        DIGITALOCEAN_TOKEN: cloud.token,
        PULUMI_BACKEND_URL: pathToFileURL(backend).href,
        PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(),
    };
}

/** One for all local stacks, and kept when a cloud goes: the stack's config file in the checkout outlives it. */
function passphraseFile(): string {
    const file = join(stateDirectory, "passphrase");
    mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
    try {
        writeFileSync(file, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    return file;
}

function read(file: string): Recorded | undefined {
    try {
        const { apiUrl, token, failoverToken } = JSON.parse(readFileSync(file, "utf8"));
        return { apiUrl, token, failoverToken };
    } catch {
        return undefined;
    }
}

async function answers(url: string): Promise<boolean> {
    // Any answer will do, a refusal for want of a token too.
    return fetch(url, { signal: AbortSignal.timeout(3000) }).then(
        () => true,
        () => false,
    );
}
