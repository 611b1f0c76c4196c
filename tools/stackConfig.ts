import {
    copyFileSync,
    existsSync,
    lstatSync,
    mkdirSync,
    readFileSync,
    readlinkSync,
    renameSync,
    rmSync,
    symlinkSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Cloud } from "../local/clouds/clouds.ts";
import { backendDirectory } from "./localCloud.ts";

/** Where the project is: the folder to run in, and the options that choose another one. */
export interface ProjectPlace {
    cwd: string;
    /** @default none */
    options?: string[];
}

/** The folder of the Pulumi.yaml that the engine will find. */
export function projectFolder({ cwd, options = [] }: ProjectPlace): string | undefined {
    let folder = resolve(cwd, options.at(-1)?.replace(/^(-C|--cwd)=/, "") ?? ".");
    while (!existsSync(join(folder, "Pulumi.yaml"))) {
        if (folder === dirname(folder)) return undefined;
        folder = dirname(folder);
    }
    return folder;
}

/** Where Pulumi looks for a stack's configuration. */
export const configFile = (folder: string, stack: string) => join(folder, `Pulumi.${stack}.yaml`);

/**
 * The configuration of a cloud's stack is kept beside its state, so that every checkout deploys the same and both go
 * with the cloud. In the project's folder is a link to it.
 */
export function linkConfig(cloud: Cloud, folder: string): void {
    const kept = keptConfig(cloud, folder);
    mkdirSync(dirname(kept), { recursive: true, mode: 0o700 });
    const link = configFile(folder, cloud.name);
    const present = lstatSync(link, { throwIfNoEntry: false });
    if (present?.isSymbolicLink()) {
        if (readlinkSync(link) === kept) return;
        rmSync(link);
    } else if (present) takeOver(link, kept);
    symlinkSync(kept, link);
}

/** A file of its own is from before there were links; what the cloud has is newer. */
function takeOver(file: string, kept: string): void {
    if (!existsSync(kept)) {
        copyFileSync(file, kept);
        rmSync(file);
        return;
    }
    const aside = file.replace(/\.yaml$/, ".former.yaml");
    renameSync(file, aside);
    console.error(`The stack has its configuration in ${kept}; the one that was here is ${aside} now.`);
}

function keptConfig(cloud: Cloud, folder: string): string {
    const project = /^name: *["']?([\w.-]+)/m.exec(readFileSync(join(folder, "Pulumi.yaml"), "utf8"))?.[1];
    return join(backendDirectory(cloud), "config", `${project}.yaml`);
}
