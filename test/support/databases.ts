import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { Cloud } from "../../local/clouds/clouds.ts";
import type { DatabaseConnection } from "../../src/index.ts";
import { longestBetween } from "../../tools/fetching.ts";
import { checkout } from "../../tools/paths.ts";
import { succeeds, within } from "../../tools/waiting.ts";
import { type Run, type TestStack, testStack } from "./engine.ts";
import { apiOf, cloudDown, cloudEnvironment, onHost, succeeded, testCloud } from "./flagship.ts";

/** What a member of a cluster says of itself (src/galera/onhost/galera_decision.py). */
export interface MemberState {
    process: string;
    primary: boolean;
    state: number;
    uuid: string;
    seqno: number;
    alert: string;
}

type Connection = pulumi.Unwrap<DatabaseConnection>;

/** An example with a database cluster, deployed on a local cloud of its own. */
export interface DatabaseStack {
    /** Folder of the example. */
    program: string;
    cloud: Cloud;
    stack: TestStack;
    connection: Connection;
    on(host: string, command: string): Promise<string>;
    api: ReturnType<typeof apiOf>;
    /** Puts on a host what tests connect with. */
    prepareClient(host: string): Promise<void>;
    prepareClients(): Promise<unknown>;
    /** Runs SQL on a client host through one of its ports, as the application would. */
    sql(client: string, statement: string, port?: number): Promise<string>;
    /** What every member says, asked on one of them; null for who does not answer. */
    members(asked?: string): Promise<Record<string, MemberState | null>>;
    /** Waits until these members are Synced, and have been for a while. */
    synced(names: string[], seconds?: number): Promise<void>;
    /** `npx evenkeel db ARGS`, as a user of the stack would run it. */
    evenkeel(...args: string[]): Promise<Run>;
    remove(): Promise<void>;
}

/**
 * @param files texts that take the place of the example's own
 * @param firstMember the host that is asked what every member says
 */
export async function deployDatabase(
    name: string,
    program: string,
    files: Record<string, string> = {},
    firstMember = "db-0",
): Promise<DatabaseStack> {
    const cloud = await testCloud(name);
    const stack = await testStack({ program, files, env: cloudEnvironment(cloud) });
    succeeded(await stack.up());
    const db = await databaseOn(cloud, stack, program, firstMember);
    await db.prepareClients();
    return db;
}

/** The database that is deployed on a cloud. */
export async function databaseOn(
    cloud: Cloud,
    stack: TestStack,
    program: string,
    firstMember = "db-0",
): Promise<DatabaseStack> {
    const { connection } = (await stack.outputs()) as { connection: Connection };
    const on = (host: string, command: string) => onHost(cloud, host, command);
    const members = async (asked = firstMember) =>
        JSON.parse(await on(asked, "galera-member status")) as Record<string, MemberState | null>;
    const clientFile = "/root/client.cnf";
    const prepareClient = async (client: string) => {
        await on(client, "DEBIAN_FRONTEND=noninteractive apt-get -q -y install python3-pymysql");
        await writeTo(cloud, client, "/root/password", connection.password);
        await writeTo(
            cloud,
            client,
            clientFile,
            `[client]\nuser = ${connection.user}\npassword = ${connection.password}\nprotocol = tcp\n`,
        );
    };
    return {
        program,
        cloud,
        stack,
        connection,
        on,
        prepareClient,
        prepareClients: () => Promise.all(["web-0", "web-1"].map(prepareClient)),
        api: apiOf(cloud),
        sql: (client, statement, port = connection.port) =>
            on(
                client,
                `mariadb --defaults-file=${clientFile} --connect-timeout=3 -h ${connection.host} -P ${port} -N -B -e ${JSON.stringify(statement)} ${connection.schema}`,
            ),
        members,
        evenkeel: (...args) =>
            stack.execute(process.execPath, join(checkout, "dist/cli/main.js"), "db", ...args),
        async synced(names, seconds = 60) {
            let since = Number.POSITIVE_INFINITY;
            await within(seconds, `${names.join(", ")} to be Synced`, async () => {
                const states = await members(names[0]).catch(
                    () => ({}) as Record<string, MemberState | null>,
                );
                const fine = names.every((each) => states[each]?.primary && states[each]?.state === 4);
                since = fine ? Math.min(since, Date.now()) : Number.POSITIVE_INFINITY;
                // A member that was frozen believes for a moment that nothing has happened.
                return Date.now() - since > 1500;
            });
            // As it was: nobody gives the writes back by himself.
            await on(names[0]!, `galera-member switchover ${names[0]}`);
        },
        async remove() {
            await cloudDown(cloud.name);
            stack.remove();
        },
    };
}

export const writeTo = (cloud: Cloud, host: string, path: string, text: string) =>
    onHost(cloud, host, `umask 077; cat >${path}`, text);

/** A program on a client host that writes row after row and notes which were acknowledged. */
export interface Writer {
    /** How many rows have been acknowledged so far. */
    count(): Promise<number>;
    stop(): Promise<Written>;
}

export interface Written {
    acknowledged: number[];
    /** When each was, in seconds since the epoch. */
    times: number[];
    errors: string[];
    /** The longest time between two acknowledged rows. */
    gapMs: number;
}

/**
 * Starts to write into a table of its own.
 *
 * @param to a name that it connects to anew for each row; without one it keeps to the client's port for writes
 */
export async function startWriter(
    db: DatabaseStack,
    client: string,
    table: string,
    to?: { name: string; port: number },
): Promise<Writer> {
    const { connection } = db;
    const log = `/root/${table}.log`;
    // The writer may have moved a moment ago.
    await within(10, `${client} to make a table`, () =>
        succeeds(db.sql(client, `CREATE OR REPLACE TABLE ${table} (n INT PRIMARY KEY)`)),
    );
    await writeTo(
        db.cloud,
        client,
        "/root/writer.py",
        readFileSync(new URL("writer.py", import.meta.url), "utf8"),
    );
    const { user, schema, caFile } = connection;
    const target = to ? `${to.name} ${to.port}` : `127.0.0.1 ${connection.port}`;
    await db.on(
        client,
        `systemd-run -q --unit writer-${table} python3 /root/writer.py ${log} ${target} ${user} /root/password ${schema} ${caFile} ${table}`,
    );
    const lines = async () => (await db.on(client, `cat ${log}`)).split("\n").filter(Boolean);
    const count = async () => (await lines().catch(() => [])).filter((line) => !line.startsWith("-")).length;
    await within(10, "the writer to write", async () => (await count()) > 20);
    return {
        count,
        async stop() {
            await db.on(client, `touch ${log}.stop`);
            await within(30, "the writer to end", async () => {
                const state = await db.on(client, `systemctl is-active writer-${table} || true`);
                return state !== "active";
            });
            const all = await lines();
            const good = all
                .filter((line) => !line.startsWith("-"))
                .map((line) => line.split(" ").map(Number));
            const times = good.map(([, time]) => time!);
            return {
                acknowledged: good.map(([n]) => n!),
                times,
                errors: all.filter((line) => line.startsWith("-")),
                gapMs: Math.round(longestBetween(times) * 1000),
            };
        },
    };
}

/** Rows that were acknowledged and are not there. */
export async function lostRows(
    db: DatabaseStack,
    client: string,
    table: string,
    { acknowledged }: Written,
): Promise<number[]> {
    const there = new Set((await db.sql(client, `SELECT n FROM ${table}`)).split("\n").map(Number));
    return acknowledged.filter((n) => !there.has(n));
}
