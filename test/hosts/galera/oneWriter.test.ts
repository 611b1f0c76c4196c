import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { within } from "../../../tools/waiting.ts";
import { writeTo } from "../../support/databases.ts";
import { MEMBERS } from "../../support/replicated.ts";
import { sharedGalera } from "../../support/shared.ts";

const db = await sharedGalera();
const CLIENTS = ["web-0", "web-1"];
const LOG = "/root/counted";
/** MariaDB's error of a write that lost to another member's. */
const CONFLICT = "-1213";

interface Count {
    at: number;
    /** The member, or what went wrong. */
    by: string;
}

/** Both clients add to one row over connections that stay. */
async function counting() {
    const { port, user, schema } = db.connection;
    const script = readFileSync(new URL("../../support/counter.py", import.meta.url), "utf8");
    await db.sql("web-0", "CREATE OR REPLACE TABLE counter (n INT)");
    await db.sql("web-0", "INSERT INTO counter VALUES (0)");
    await Promise.all(
        CLIENTS.map(async (client) => {
            await writeTo(db.cloud, client, "/root/counter.py", script);
            await db.on(
                client,
                `rm -f ${LOG} ${LOG}.stop; systemd-run -q --unit counter python3 /root/counter.py ${LOG} ${port} ${user} /root/password ${schema}`,
            );
        }),
    );
    const stop = () => Promise.all(CLIENTS.map((client) => db.on(client, `touch ${LOG}.stop`)));
    onTestFinished(async () => void (await stop()));
    const counts = async (): Promise<Count[][]> => {
        const logs = await Promise.all(
            CLIENTS.map((client) => db.on(client, `cat ${LOG} 2>/dev/null || true`)),
        );
        return logs.map((log) =>
            log
                .split("\n")
                .filter(Boolean)
                .map((line) => ({ at: Number(line.split(" ")[0]), by: line.split(" ")[1]! })),
        );
    };
    const last = async () => (await counts()).map((each) => each.at(-1)?.by);
    return { counts, last, stop };
}

test("two clients whose connections stay write to one member at every time: when it dies, when it is back, and when the writes are given away", async () => {
    const { counts, last, stop } = await counting();
    await within(10, "both to write to db-0", async () => `${await last()}` === "db-0,db-0");
    await db.on("db-0", "pkill --signal=KILL --exact mariadbd");
    await within(20, "both to write to db-1", async () => `${await last()}` === "db-1,db-1");
    const back = async () => (await db.on("db-0", "galera-member well").catch(() => "")) === "synced";
    await within(60, "db-0 to be back", back);
    const since = Date.now() / 1000;
    await within(10, "a hundred more writes", async () =>
        (await counts()).every((each) => each.filter(({ at }) => at > since).length > 50),
    );
    // Who is back takes nothing back.
    for (const each of await counts()) {
        expect([...new Set(each.filter(({ at }) => at > since).map(({ by }) => by))]).toEqual(["db-1"]);
    }
    await db.on("db-2", "galera-member switchover db-2");
    await within(10, "both to write to db-2", async () => `${await last()}` === "db-2,db-2");
    await stop();

    const all = await counts();
    const conflicts = all.flat().filter(({ by }) => by === CONFLICT);
    console.log(
        `${all.flat().filter(({ by }) => !by.startsWith("-")).length} writes, ${conflicts.length} conflicts, errors ${all
            .flat()
            .filter(({ by }) => by.startsWith("-"))
            .map(({ by }) => by)
            .join(" ")}`,
    );
    expect(conflicts).toEqual([]);
    const acknowledged = all.flat().filter(({ by }) => by.startsWith("db-")).length;
    expect(Number(await db.sql("web-0", "SELECT n FROM counter"))).toBeGreaterThanOrEqual(acknowledged);
    await db.synced(MEMBERS);
});

test("planned work on the writer gives its writes away first, and they stay there", async () => {
    await db.on("db-0", "galera-member pause");
    expect(await db.on("db-1", "galera-member writer")).toBe("db-1 takes them");
    await db.on("db-0", "galera-member resume");
    expect(await db.on("db-0", "galera-member writer")).toBe("db-1 takes them");
    await expect(db.on("db-0", "galera-member switchover db-7")).rejects.toThrow("db-7 is no member");
    await db.synced(MEMBERS);
    expect(await db.on("db-2", "galera-member writer")).toBe("db-0 takes them");
});
