import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseStack } from "../support/databases.ts";
import { MEMBERS, type ReplicatedStack } from "../support/replicated.ts";
import type { DatabaseFailure } from "./databaseFailure.ts";
import { cutOff, power, pullPlug } from "./hosts.ts";

const MEMBER = "replicated-member";
const LASTS_MS = 8000;

/** Every failure of a replicated cluster; whichever host is the primary when it is made. */
export function replicatedFailures(db: ReplicatedStack): DatabaseFailure[] {
    let hit = "";
    const primary = async () => {
        hit = await db.primary();
        return hit;
    };
    const replica = async () => {
        const leader = await db.primary();
        hit = MEMBERS.find((member) => member !== leader)!;
        return hit;
    };
    const signal = (name: string, host: string) => db.on(host, `pkill --signal=${name} --exact mariadbd`);
    const each = (work: (host: string) => Promise<unknown>) => Promise.all(MEMBERS.map(work));
    const heal = (db: DatabaseStack) => power(db, hit, "on");
    return [
        {
            name: "primary killed",
            sampled: true,
            how: "SIGKILL to MariaDB on the primary",
            promiseMs: 10_000,
            make: async () => signal("KILL", await primary()),
        },
        {
            name: "primary's host powered off",
            how: "`power_off` through the cloud's API",
            promiseMs: 10_000,
            make: async (db) => power(db, await primary(), "off"),
            heal,
        },
        {
            name: "primary's plug pulled",
            sampled: true,
            how: "nothing of its kernel is heard any more, not even that connections end",
            promiseMs: 10_000,
            make: async (db) => pullPlug(db, await primary()),
            heal,
        },
        {
            name: "primary cut off",
            sampled: true,
            how: "its packets dropped both ways, for 8 s",
            promiseMs: 10_000,
            make: async (db) => cutOff(db, await primary(), "both").then(() => sleep(LASTS_MS)),
            heal: (db) => cutOff(db, hit, undefined),
        },
        {
            name: "primary frozen",
            how: "SIGSTOP to MariaDB on the primary, for 8 s",
            promiseMs: 10_000,
            make: async () => signal("STOP", await primary()).then(() => sleep(LASTS_MS)),
            // By then the others have had it killed.
            heal: (db) => db.on(hit, "pkill --signal=CONT --exact mariadbd || true"),
        },
        {
            name: "planned switchover",
            sampled: true,
            how: "`replicated-member switchover`",
            promiseMs: 1000,
            make: async (db) => db.on(await primary(), `${MEMBER} switchover`),
        },
        {
            name: "replica killed",
            how: "SIGKILL to MariaDB on a replica",
            promiseMs: 1000,
            make: async () => signal("KILL", await replica()),
        },
        {
            name: "replica's plug pulled",
            how: "nothing of its kernel is heard any more",
            promiseMs: 1000,
            make: async (db) => pullPlug(db, await replica()),
            heal,
        },
        {
            name: "all members killed",
            how: "SIGKILL to MariaDB on every member at once",
            promiseMs: 10_000,
            make: () => each((host) => signal("KILL", host)),
        },
        {
            name: "all hosts lose power",
            sampled: true,
            how: "every plug pulled at once; counted from when the last host has power again",
            promiseMs: 10_000,
            outage: true,
            make: (db) => each((host) => pullPlug(db, host)),
            heal: (db) => each((host) => power(db, host, "on")),
        },
        {
            name: "all hosts shut down",
            how: "in good order, one after the other; counted from when the last host has power again",
            promiseMs: 10_000,
            outage: true,
            async make(db) {
                for (const member of MEMBERS) await power(db, member, "down");
            },
            heal: (db) => each((host) => power(db, host, "on")),
        },
    ];
}
