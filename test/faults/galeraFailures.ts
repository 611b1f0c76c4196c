import { setTimeout as sleep } from "node:timers/promises";
import { within } from "../../tools/waiting.ts";
import { type DatabaseStack, lostRows, startWriter } from "../support/databases.ts";
import { cutOff, power, pullPlug } from "./hosts.ts";

/** Something that fails while a client writes row after row. */
export interface GaleraFailure {
    name: string;
    /** How it is made. */
    how: string;
    /** What was promised, in milliseconds. */
    promiseMs: number;
    /** Whether nobody can write until it is healed: then the time counts from that. */
    outage?: true;
    make(db: DatabaseStack): Promise<unknown>;
    /** Gives back what the failure took; what heals by itself has none. */
    heal?(db: DatabaseStack): Promise<unknown>;
}

const MEMBERS = ["db-0", "db-1", "db-2"];
/** The first member takes the writes. */
const WRITER = "db-0";
const OTHER = "db-2";

const each = (db: DatabaseStack, work: (db: DatabaseStack, host: string) => Promise<unknown>) =>
    Promise.all(MEMBERS.map((member) => work(db, member)));

const signal = (name: string, host: string) => (db: DatabaseStack) =>
    db.on(host, `pkill --signal=${name} --exact mariadbd`);

const LASTS_MS = 8000;
const lasting = (make: (db: DatabaseStack) => Promise<unknown>) => (db: DatabaseStack) =>
    make(db).then(() => sleep(LASTS_MS));

export const galeraFailures: GaleraFailure[] = [
    {
        name: "writer killed",
        how: "SIGKILL to MariaDB on the member that takes the writes",
        promiseMs: 2600,
        make: signal("KILL", WRITER),
    },
    {
        name: "writer's host powered off",
        how: "`power_off` through the cloud's API",
        promiseMs: 2600,
        make: (db) => power(db, WRITER, "off"),
        heal: (db) => power(db, WRITER, "on"),
    },
    {
        name: "writer's plug pulled",
        how: "nothing of its kernel is heard any more, not even that connections end",
        promiseMs: 4000,
        make: (db) => pullPlug(db, WRITER),
        heal: (db) => power(db, WRITER, "on"),
    },
    {
        name: "writer cut off",
        how: "its packets dropped both ways, for 8 s",
        promiseMs: 4000,
        make: lasting((db) => cutOff(db, WRITER, "both")),
        heal: (db) => cutOff(db, WRITER, undefined),
    },
    {
        name: "writer frozen",
        how: "SIGSTOP to MariaDB on the writer, for 8 s",
        promiseMs: 4000,
        make: lasting(signal("STOP", WRITER)),
        heal: signal("CONT", WRITER),
    },
    {
        name: "writer restarted in good order",
        how: "`galera-member restart`, as a changed setting does",
        promiseMs: 1500,
        make: (db) => db.on(WRITER, "/usr/local/lib/evenkeel/galera-member restart"),
    },
    {
        name: "another member killed",
        how: "SIGKILL to MariaDB on a member that takes no writes",
        promiseMs: 2700,
        make: signal("KILL", OTHER),
    },
    {
        name: "another member's plug pulled",
        how: "nothing of its kernel is heard any more",
        promiseMs: 2700,
        make: (db) => pullPlug(db, OTHER),
        heal: (db) => power(db, OTHER, "on"),
    },
    {
        name: "all members killed",
        how: "SIGKILL to MariaDB on every member at once",
        promiseMs: 10_000,
        make: (db) => each(db, (_, host) => signal("KILL", host)(db)),
    },
    {
        name: "all hosts lose power",
        how: "every plug pulled at once; counted from when the last host has power again",
        promiseMs: 10_000,
        outage: true,
        make: (db) => each(db, pullPlug),
        heal: (db) => each(db, (_, host) => power(db, host, "on")),
    },
    {
        name: "all hosts shut down",
        how: "in good order, one after the other; counted from when the last host has power again",
        promiseMs: 10_000,
        outage: true,
        async make(db) {
            for (const member of MEMBERS) await power(db, member, "down");
        },
        heal: (db) => each(db, (_, host) => power(db, host, "on")),
    },
];

export interface GaleraMeasured {
    /** The longest time between two acknowledged rows, or from the end of an outage to the next row. */
    gapMs: number;
    rows: number;
    /** Rows that were acknowledged and are gone. */
    lost: number;
    /** Statements that the client saw fail. */
    errors: number;
}

/** Makes something fail while a client writes, until every member is Synced again. */
export async function measureGalera(
    db: DatabaseStack,
    failure: GaleraFailure,
    table: string,
): Promise<GaleraMeasured> {
    await db.synced(MEMBERS);
    const writer = await startWriter(db, "web-0", table);
    await failure.make(db);
    await failure.heal?.(db);
    const healed = Date.now() / 1000;
    const before = await writer.count();
    await within(60, "rows to be acknowledged again", async () => (await writer.count()) > before + 50);
    await db.synced(MEMBERS, 120);
    const written = await writer.stop();
    const lost = await lostRows(db, "web-0", table, written);
    const next = written.times.find((time) => time > healed)!;
    return {
        gapMs: failure.outage ? Math.round((next - healed) * 1000) : written.gapMs,
        rows: written.acknowledged.length,
        lost: lost.length,
        errors: written.errors.length,
    };
}
