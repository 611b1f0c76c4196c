import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { apiVariables, type Cloud, checkName, defaultCloud, readCloud } from "../local/clouds/clouds.ts";
import { answers, isRunning } from "../local/clouds/daemonProcess.ts";
import { cloudDirectory, cloudsDirectory } from "../local/directories.ts";

/** The local cloud that a user works with, unless it is down. */
export async function localCloud(): Promise<Cloud | undefined> {
    const cloud = readCloud(checkName(defaultCloud()));
    // Without its process it is not asked: an attempt into a network that is not there would hold up later ones.
    return cloud && isRunning(cloud) && (await answers(cloud)) ? cloud : undefined;
}

/** Where the engine keeps the state of what is deployed to a local cloud. */
export const backendDirectory = (cloud: Cloud) => join(cloudDirectory(cloud.name), "pulumi");

/** The environment in which the engine deploys to a local cloud and keeps its state beside it. */
export function localCloudEnvironment(cloud: Cloud): Record<string, string> {
    const backend = backendDirectory(cloud);
    mkdirSync(backend, { recursive: true, mode: 0o700 });
    return {
        ...apiVariables(cloud),
        PULUMI_BACKEND_URL: pathToFileURL(backend).href,
        PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(),
    };
}

/** One for all local stacks, and kept when a cloud goes: so may the configuration of a stack that is the user's own. */
function passphraseFile(): string {
    const file = join(dirname(cloudsDirectory()), "passphrase");
    if (existsSync(file)) return file;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Never there in part: a full disk would leave an empty passphrase, and another command may make it at this moment.
    const next = `${file}.${process.pid}`;
    try {
        writeFileSync(next, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
        linkSync(next, file);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
        rmSync(next, { force: true });
    }
    return file;
}
