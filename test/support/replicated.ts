import { within } from "../../tools/waiting.ts";
import { type DatabaseStack, deployDatabase } from "./databases.ts";

export const MEMBERS = ["db-0", "db-1", "db-2"];

/** What a member of a replicated cluster says of itself (src/replicated/onhost/replicated_member.py). */
export interface ReplicatedState {
    process: string;
    leads: number;
    follows: string;
    follows_epoch: number;
    warm: boolean;
    readable: boolean;
    lag: number | null;
    io: string;
    sql: string;
    errant: string;
    /** What is wrong with it; nothing when it is well. */
    problem: string;
}

export const REPLICATED = "examples/replicated-mysql";

type States = Record<string, ReplicatedState | null>;

export interface ReplicatedStack extends DatabaseStack {
    states(asked?: string): Promise<States>;
    /** The member that takes writes, told by any member that answers. */
    primary(): Promise<string>;
}

/** @param files texts that take the place of the example's own */
export async function deployReplicated(
    name: string,
    files: Record<string, string> = {},
): Promise<ReplicatedStack> {
    return replicatedOn(await deployDatabase(name, REPLICATED, files));
}

/** What is asked of the members of a database of that kind. */
export function replicatedOn(db: DatabaseStack): ReplicatedStack {
    const states = async (asked = "db-0") =>
        JSON.parse(await db.on(asked, "replicated-member status")) as States;
    const fromAnybody = () =>
        Promise.any(
            MEMBERS.map((member) => states(member).then((found) => primaryOf(found) ?? Promise.reject())),
        );
    return {
        ...db,
        states,
        primary: () => fromAnybody(),
        async synced(names, seconds = 60) {
            let since = Number.POSITIVE_INFINITY;
            await within(seconds, `${names.join(", ")} to be a primary and its replicas`, async () => {
                const found = await states(names[0]).catch(() => ({}));
                since = isWhole(found, names) ? Math.min(since, Date.now()) : Number.POSITIVE_INFINITY;
                // Who was frozen or cut off believes for a moment that nothing has happened.
                return Date.now() - since > 1500;
            });
        },
    };
}

function primaryOf(states: States): string | undefined {
    return Object.keys(states).find((name) => states[name]?.leads);
}

function isWhole(states: States, names: string[]): boolean {
    const leaders = names.filter((name) => states[name]?.leads);
    if (leaders.length !== 1) return false;
    const { leads } = states[leaders[0]!]!;
    return names.every(
        (name) =>
            name === leaders[0] ||
            (states[name]?.follows === leaders[0] &&
                states[name]?.follows_epoch === leads &&
                states[name]?.warm),
    );
}

const numbersOf = (table: string) => `mariadb -NBe 'SELECT GROUP_CONCAT(n ORDER BY n) FROM shop.${table}'`;

/** Every member has the same numbers in a table's column `n`, and these. */
export async function rowsEverywhere(db: ReplicatedStack, table: string, numbers: string): Promise<void> {
    for (const member of MEMBERS) {
        const isThere = async () => (await db.on(member, numbersOf(table))) === numbers;
        await within(10, `${member} to have ${numbers} in ${table}`, isThere);
    }
}
