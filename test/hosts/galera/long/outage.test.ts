import { describe, expect, test } from "vitest";
import { succeeds, within } from "../../../../tools/waiting.ts";
import { power } from "../../../faults/hosts.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();

/** Waits until a client's rows go in again; the time since the call. */
async function writable(client: string, table: string, seconds = 60): Promise<number> {
    const start = performance.now();
    await within(
        seconds,
        "writes to be taken",
        async () => {
            const insert = db.sql(client, `REPLACE INTO ${table} (n) VALUES (1000000)`);
            return succeeds(insert);
        },
        100,
    );
    return performance.now() - start;
}

describe("an outage of all", () => {
    test("while a member does not come back, the others wait for it", async () => {
        await db.sql("web-0", "CREATE TABLE waiting (n INT PRIMARY KEY)");
        await Promise.all(MEMBERS.map((member) => power(db, member, "off")));
        await power(db, "db-0", "on");
        await power(db, "db-1", "on");
        const told = () => db.on("db-0", "journalctl -q -o cat -b -u evenkeel-galera");
        await expect.poll(told, { timeout: 60_000 }).toContain("db-2 does not answer");
        expect(await db.on("db-0", "systemctl is-active mariadb || true")).toBe("inactive");
        await power(db, "db-2", "on");
        await writable("web-0", "waiting");
        await db.synced(MEMBERS);
    });

    test("with permission, a majority begins without the rest, and who comes back later joins it", async () => {
        const undo = editFile(
            `${db.stack.folder}/index.ts`,
            "hostCount",
            "recoverWithMajority: true, hostCount",
        );
        succeeded(await db.stack.up());
        await db.sql("web-0", "CREATE TABLE majority (n INT PRIMARY KEY)");
        await Promise.all(MEMBERS.map((member) => power(db, member, "off")));
        await power(db, "db-0", "on");
        await power(db, "db-1", "on");
        await writable("web-0", "majority");
        await power(db, "db-2", "on");
        await db.synced(MEMBERS);
        undo();
        succeeded(await db.stack.up());
    });
});
