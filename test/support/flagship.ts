import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiVariables, type Cloud } from "../../local/clouds/clouds.ts";
import { down, up } from "../../local/clouds/lifecycle.ts";
import { findRecord } from "../../local/commands/hosts.ts";
import { runInside } from "../../local/machines/inside.ts";
import { cloudApi } from "../../tools/cloudApi.ts";
import { type Run, type TestStack, type TestStackOptions, testStack } from "./engine.ts";
import { spending } from "./spending.ts";

/** The flagship program, deployed by the real engine on hosts of a local cloud of its own. */
export interface Flagship {
    cloud: Cloud;
    stack: TestStack;
    url: string;
    /** The reserved IP. */
    address: string;
    /** Runs a command as root on a host, past network and SSH; gives what it prints. */
    on(host: string, command: string): Promise<string>;
    /** Calls the cloud's API with the full token. */
    api(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
    /** The name of the host that the API says has the reserved IP. */
    holder(): Promise<string | undefined>;
    /** Replaces a piece of the program's text; gives the former text back when called. */
    edit(from: string | RegExp, to: string): () => void;
    remove(): Promise<void>;
}

/** A cloud for one test file, without what an earlier run of it may have left. */
export async function testCloud(name: string): Promise<Cloud> {
    return spending("hosts", async () => {
        await down(name);
        return (await up(name)).cloud;
    });
}

/** Removes a test's cloud. */
export const cloudDown = (name: string) => spending("hosts", () => down(name));

export interface FlagshipOptions {
    /** How many hosts hold the database. @default 0, a site without one */
    databaseHosts?: number;
}

/** The flagship's stack on a cloud, not deployed yet. */
export const flagshipStack = (cloud: Cloud, options?: FlagshipOptions): Promise<TestStack> =>
    testStack(flagshipOptions(cloud, options));

export const flagshipOptions = (
    cloud: Cloud,
    { databaseHosts = 0 }: FlagshipOptions = {},
): TestStackOptions => ({
    program: "examples/flagship",
    config: { databaseHosts: String(databaseHosts) },
    secrets: { failoverToken: cloud.failoverToken },
    env: cloudEnvironment(cloud),
});

export const cloudEnvironment = apiVariables;

/** The flagship on a cloud of its own, for what can't share one. */
export async function deployFlagship(name: string, options?: FlagshipOptions): Promise<Flagship> {
    const cloud = await testCloud(name);
    const stack = await flagshipStack(cloud, options);
    succeeded(await stack.up());
    return flagshipOn(cloud, stack);
}

/** The flagship that is deployed on a cloud. */
export async function flagshipOn(cloud: Cloud, stack: TestStack): Promise<Flagship> {
    const { url, address } = (await stack.outputs()) as { url: string; address: string };
    const { call, holderOf } = cloudApi(cloud);
    return {
        cloud,
        stack,
        url,
        address,
        on: (host, command) => onHost(cloud, host, command),
        api: call,
        holder: async () => (await holderOf(address))?.name,
        edit: (from, to) => editFile(join(stack.folder, "index.ts"), from, to),
        async remove() {
            await cloudDown(cloud.name);
            stack.remove();
        },
    };
}

/** What the engine printed, or an error with it. */
export function succeeded({ exitCode, output }: Run): string {
    if (exitCode !== 0) throw new Error(`the engine ended with ${exitCode}:\n${output.slice(-6000)}`);
    return output;
}

/** Runs a command as root on a host, past network and SSH; gives what it prints, and throws with both streams when it fails. */
export async function onHost(cloud: Cloud, host: string, command: string, input?: string): Promise<string> {
    const run = () => runInside(cloud.name, findRecord(cloud, host), command, input);
    return command.includes("apt-get") ? spending("packages", run) : run();
}

export const apiOf = (cloud: Cloud) => cloudApi(cloud).call;

export function editFile(file: string, from: string | RegExp, to: string): () => void {
    const former = readFileSync(file, "utf8");
    const next = former.replace(from, to);
    if (next === former) throw new Error(`${file} does not contain ${from}`);
    writeFileSync(file, next);
    return () => writeFileSync(file, former);
}
