import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseStack } from "../support/databases.ts";
import type { DatabaseFailure } from "./databaseFailure.ts";
import { cutOff, power, pullPlug } from "./hosts.ts";

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

export const galeraFailures: DatabaseFailure[] = [
    {
        name: "writer killed",
        sampled: true,
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
        sampled: true,
        how: "nothing of its kernel is heard any more, not even that connections end",
        promiseMs: 4000,
        make: (db) => pullPlug(db, WRITER),
        heal: (db) => power(db, WRITER, "on"),
    },
    {
        name: "writer cut off",
        sampled: true,
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
        make: (db) => db.on(WRITER, "galera-member restart"),
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
        sampled: true,
        how: "SIGKILL to MariaDB on every member at once",
        promiseMs: 10_000,
        make: (db) => each(db, (_, host) => signal("KILL", host)(db)),
    },
    {
        name: "all hosts lose power",
        sampled: true,
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
