import { within } from "../../tools/waiting.ts";
import { type DatabaseStack, lostRows, startWriter } from "../support/databases.ts";

/** Something that fails while a client writes row after row. */
export interface DatabaseFailure {
    name: string;
    /** How it is made. */
    how: string;
    /** What was promised, in milliseconds. */
    promiseMs: number;
    /** Made by `npm test` too; all the others by `npm run test:all`. */
    sampled?: true;
    /** Whether nobody can write until it is healed: then the time counts from that. */
    outage?: true;
    /** What it needs, made before the client begins. */
    prepare?(db: DatabaseStack): Promise<unknown>;
    make(db: DatabaseStack): Promise<unknown>;
    /** Gives back what the failure took; what heals by itself has none. */
    heal?(db: DatabaseStack): Promise<unknown>;
}

/**
 * The longest gap that is no failure of a test: a bound that a busy machine keeps, on which three hosts may boot at the
 * same time as another suite's. What was promised is measured by bench/, alone on its machine.
 */
export const boundMs = ({ outage }: DatabaseFailure) => (outage ? 45_000 : 15_000);

const MEMBERS = ["db-0", "db-1", "db-2"];

export interface Measured {
    /** The longest time between two acknowledged rows, or from the end of an outage to the next row. */
    gapMs: number;
    rows: number;
    /** Rows that were acknowledged and are gone. */
    lost: number;
    /** Statements that the client saw fail. */
    errors: number;
}

/** Makes something fail while a client writes, until all members are well again. */
export async function measureFailure(
    db: DatabaseStack,
    failure: DatabaseFailure,
    table: string,
): Promise<Measured> {
    await failure.prepare?.(db);
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
