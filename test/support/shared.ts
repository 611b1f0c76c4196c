import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, afterEach, inject } from "vitest";
import { type Cloud, readCloud } from "../../local/clouds/clouds.ts";
import { within } from "../../tools/waiting.ts";
import { settled } from "../faults/pair.ts";
import { type DatabaseStack, databaseOn } from "./databases.ts";
import { openStack, type TestStack } from "./engine.ts";
import { cloudEnvironment, type Flagship, flagshipOn, onHost, succeeded } from "./flagship.ts";
import { carriers, type OwnHosts, ownHostsOf } from "./ownHosts.ts";
import { MEMBERS, REPLICATED, type ReplicatedStack, replicatedOn } from "./replicated.ts";
import { rootOf } from "./sharedStack.ts";

/** The cloud on which the stack of this folder is up. */
export const sharedCloud = (): Cloud => readCloud(inject("cloud"))!;

/** The stack of this folder; after the file's tests it has to be as it was. */
async function attached<Stack extends { stack: TestStack }>(
    open: (cloud: Cloud, stack: TestStack) => Promise<Stack>,
    whole: (opened: Stack) => Promise<unknown>,
): Promise<Stack> {
    const cloud = sharedCloud();
    const stack = await openStack(rootOf(cloud), { env: cloudEnvironment(cloud) });
    const opened = await open(cloud, stack);
    const before = texts(stack.folder);
    afterEach(() => stack.idle());
    afterAll(async () => {
        const isSame = isDeepStrictEqual(texts(stack.folder), before);
        for (const [file, text] of Object.entries(before)) writeFileSync(file, text);
        if (!isSame || !stack.isAsDeclared()) {
            const { exitCode, output } = await stack.up("--expect-no-changes");
            // What differed has been mended by that very `up`, for the next file.
            if (exitCode !== 0) throw new Error(`this file left its stack changed:\n${output.slice(-3000)}`);
        }
        await whole(opened);
    });
    return opened;
}

/** Program and configuration. */
function texts(folder: string): Record<string, string> {
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map(({ name }) => join(folder, name));
    return Object.fromEntries(paths.map((path) => [path, readFileSync(path, "utf8")]));
}

export const sharedFlagship = (): Promise<Flagship> => attached(flagshipOn, (site) => settled(site));

export const sharedOwnHosts = (): Promise<{ cloud: Cloud; stack: TestStack } & OwnHosts> =>
    attached(
        async (cloud, stack) => ({ cloud, stack, ...ownHostsOf(cloud) }),
        ({ cloud }) => within(30, "one carrier", async () => (await carriers(cloud)).length === 1),
    );

export const sharedGalera = (): Promise<DatabaseStack> =>
    attached(
        (cloud, stack) => databaseOn(cloud, stack, "examples/galera-cluster"),
        (db) => db.synced(MEMBERS),
    );

export const sharedReplicated = (): Promise<ReplicatedStack> =>
    attached(
        async (cloud, stack) => {
            afterEach(({ task }) =>
                task.result?.state === "fail" ? tellOf(cloud, [...MEMBERS, "db-3"]) : undefined,
            );
            return replicatedOn(await databaseOn(cloud, stack, REPLICATED));
        },
        (db) => db.synced(MEMBERS),
    );

/** What these hosts have said last, while they are as the failed test has left them. */
async function tellOf(cloud: Cloud, hosts: string[]): Promise<void> {
    const command =
        "journalctl -q -n 60 -o short-precise -u mariadb -u 'evenkeel-*'; ps -eo etimes,args --sort=etimes | head -n 15";
    for (const host of hosts)
        console.log(`${host}:\n${await onHost(cloud, host, command).catch((error) => `${error}`)}`);
}

/** The stack's program, which is put back and deployed after the tests of a file that leaves it changed. */
export function restoredAfter(stack: TestStack): { program: string; former: string } {
    const program = join(stack.folder, "index.ts");
    const former = readFileSync(program, "utf8");
    afterAll(async () => {
        writeFileSync(program, former);
        succeeded(await stack.up());
    });
    return { program, former };
}
