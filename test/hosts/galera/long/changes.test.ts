import { describe, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { lostRows, startWriter } from "../../../support/databases.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();

describe("changes", () => {
    const setting = "settings: { max_connections: 90 }, hostCount";

    const connections = (member: string) => db.on(member, "mariadb -N -e 'SELECT @@max_connections'");
    test("the writer dies while its change is rolled back: no row is lost, and `up` waits, or says for whom", async () => {
        const undo = editFile(`${db.stack.folder}/index.ts`, "hostCount", setting);
        succeeded(await db.stack.up());
        const writer = await startWriter(db, "web-0", "rolled_back");
        undo();
        const roll = db.stack.up();
        await within(
            120,
            "the first member to be rolled",
            async () => (await connections("db-2").catch(() => "")) === "80",
        );
        await db.on("db-0", "systemctl kill --signal=KILL mariadb");
        const { exitCode, output } = await roll;
        if (exitCode !== 0) {
            expect(output).toMatch(
                /evenkeel: db-\d: role db-galera: [\s\S]*db-\d is not Synced: a restart of this member now/,
            );
        }
        await db.synced(MEMBERS, 120);
        succeeded(await db.stack.up());
        for (const member of MEMBERS) expect(await connections(member), member).toBe("80");
        const written = await writer.stop();
        expect(await lostRows(db, "web-0", "rolled_back", written)).toEqual([]);
    });

    test("a setting that MariaDB does not know: one error, the former file is back, and nobody was restarted", async () => {
        const undo = editFile(
            `${db.stack.folder}/index.ts`,
            "hostCount",
            "settings: { max_conections: 90 }, hostCount",
        );
        const started = () => db.on("db-2", "systemctl show -P ActiveEnterTimestampMonotonic mariadb");
        const before = await started();
        const { exitCode, output } = await db.stack.up();
        undo();
        expect(exitCode).not.toBe(0);
        expect(output).toMatch(/evenkeel: db-2: role db-galera: .*was refused by mariadbd/);
        expect(output).toContain("unknown variable 'max_conections=90'");
        expect(await started()).toBe(before);
        succeeded(await db.stack.up());
    });

    test("a member that dies as its restart begins is restarted all the same", async () => {
        const restart = "galera-member restart";
        // Held, its daemon does not start it before that.
        const held = "mkdir -p /run/evenkeel && touch /run/evenkeel/galera.hold";
        await db.on("db-1", `${held} && pkill --signal=KILL --exact mariadbd && sleep 1 && ${restart}`);
        await db.synced(MEMBERS);
    });
});

test("three become five and three again while rows are written: none is lost, and nobody there is restarted", async () => {
    const started = () =>
        Promise.all(
            MEMBERS.map((member) => db.on(member, "systemctl show -P ActiveEnterTimestampMonotonic mariadb")),
        );
    const before = await started();
    const writer = await startWriter(db, "web-0", "grown");
    await db.stack.pulumi("config", "set", "databaseHosts", "5");
    succeeded(await db.stack.up());
    await db.synced([...MEMBERS, "db-3", "db-4"]);
    expect(await db.on("db-4", "mariadb -N -e 'SHOW STATUS LIKE \"wsrep_cluster_size\"'")).toContain("5");
    await db.stack.pulumi("config", "set", "databaseHosts", "3");
    succeeded(await db.stack.up());
    await db.synced(MEMBERS);
    const written = await writer.stop();
    expect(await lostRows(db, "web-0", "grown", written)).toEqual([]);
    expect(written.errors).toEqual([]);
    expect(await started()).toEqual(before);
});
