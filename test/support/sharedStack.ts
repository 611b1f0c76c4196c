import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type Cloud, readCloud } from "../../local/clouds/clouds.ts";
import { answers } from "../../local/clouds/daemonProcess.ts";
import { cloudDirectory } from "../../local/directories.ts";
import { releaseStaleLocks } from "../../tools/staleLocks.ts";
import { openStack, type TestStack, type TestStackOptions, testStack } from "./engine.ts";
import { cloudDown, succeeded, testCloud } from "./flagship.ts";
import { lastWords } from "./lastWords.ts";
import { writeProject } from "./project.ts";
import { spendAs } from "./spending.ts";

/** A deployment that the test files of one folder share: brought up before the first of them, gone after the last. */
export interface Shared {
    cloud: Cloud;
    stack: TestStack;
}

declare module "vitest" {
    interface ProvidedContext {
        /** The name of the cloud: all else is found from there. */
        cloud: string;
    }
}

/** With it a stack stays up for the next run, which then begins within seconds. */
const isKept = () => Boolean(process.env.EVENKEEL_KEEP);

/** Where a shared stack's program and state are: they go with their cloud. */
export const rootOf = (cloud: Cloud) => join(cloudDirectory(cloud.name), "stack");

/** What a folder's stack.ts exports: deploys a program on a cloud of that name. */
export function sharedStack(
    name: string,
    options: (cloud: Cloud) => TestStackOptions | Promise<TestStackOptions>,
    prepare: (shared: Shared) => Promise<unknown> = async () => {},
): (project: TestProject) => Promise<() => Promise<void>> {
    return (project) =>
        sharedCloud(name, async (cloud) => {
            const stack = await stackOn(cloud, await options(cloud));
            succeeded(await stack.up());
            await prepare({ cloud, stack });
        })(project);
}

/** The same for tests that need hosts and no engine. */
export function sharedCloud(
    name: string,
    prepare: (cloud: Cloud) => Promise<unknown>,
): (project: TestProject) => Promise<() => Promise<void>> {
    return async (project) => {
        spendAs(`test/hosts/${project.name}/stack.ts`);
        const kept = isKept() ? readCloud(name) : undefined;
        const cloud = kept && (await answers(kept)) ? kept : await testCloud(name);
        try {
            await prepare(cloud);
        } catch (error) {
            const words = await lastWords(cloud);
            await cloudDown(name);
            throw new Error(`${(error as Error).message}\n${words}`, { cause: error });
        }
        project.provide("cloud", name);
        return async () => {
            if (!isKept()) await cloudDown(name);
        };
    };
}

/** The stack of a kept cloud with the program as it is now, or a new one. */
async function stackOn(cloud: Cloud, options: TestStackOptions): Promise<TestStack> {
    const root = rootOf(cloud);
    const project = join(root, "project");
    const configuration = join(project, "Pulumi.test.yaml");
    if (!existsSync(configuration)) return testStack(options, root);
    const kept = readFileSync(configuration, "utf8");
    rmSync(project, { recursive: true });
    writeProject(project, options);
    writeFileSync(configuration, kept);
    // Of a run that was killed.
    releaseStaleLocks(join(root, "state"));
    return openStack(root, options);
}
