import { describe, expect, test } from "vitest";
import { lostRows, startWriter } from "../../../support/databases.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { offerRebuilt, SUFFIX } from "../../../support/rebuilt.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();

describe("a minor upgrade", () => {
    const NEXT = `10.11.19-0+deb12u1${SUFFIX}`;
    const versions = () =>
        Promise.all(MEMBERS.map((member) => db.on(member, `dpkg-query -W -f '\${Version}' mariadb-server`)));

    test("that no archive has: one error, and nobody was restarted", async () => {
        const undo = editFile(`${db.stack.folder}/index.ts`, "hostCount", 'version: "10.11.99", hostCount');
        const { exitCode, output } = await db.stack.up();
        undo();
        expect(exitCode).not.toBe(0);
        expect(output).toMatch(
            /MariaDB is not upgraded: no archive of this host has version 10\.11\.99, but 1:10\.11\./,
        );
        await db.synced(MEMBERS);
        succeeded(await db.stack.up());
    });

    test("is one line per member, rolled out while rows are written, the writer last", async () => {
        await offerRebuilt(db.cloud, MEMBERS, ["mariadb"]);
        const undo = editFile(`${db.stack.folder}/index.ts`, "hostCount", `version: "${NEXT}", hostCount`);
        const preview = succeeded(await db.stack.preview("--diff"));
        expect(preview.match(/\+ 10\.11\.19-0\+deb12u1\+rebuilt/g)).toHaveLength(3);
        const writer = await startWriter(db, "web-0", "upgraded");
        succeeded(await db.stack.up());
        const written = await writer.stop();
        expect(await versions()).toEqual(MEMBERS.map(() => `1:${NEXT}`));
        expect(await lostRows(db, "web-0", "upgraded", written)).toEqual([]);
        expect(written.errors.length, written.errors.join("\n")).toBeLessThan(5);
        const started = async (member: string) =>
            Number(await db.on(member, 'date -d "$(systemctl show -P ActiveEnterTimestamp mariadb)" +%s'));
        expect(await started("db-2")).toBeLessThan(await started("db-1"));
        expect(await started("db-1")).toBeLessThan(await started("db-0"));
        await db.synced(MEMBERS);
        expect(await db.on("db-1", "systemctl is-enabled mariadb || true")).toBe("disabled");
        succeeded(await db.stack.up("--expect-no-changes"));
        undo();
        succeeded(await db.stack.up());
    });
});
