import { expect, test } from "vitest";
import { succeeds, within } from "../../../../tools/waiting.ts";
import { succeeded } from "../../../support/flagship.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();
const evenkeel = (...args: string[]) => db.evenkeel(...args);

test("a table is dropped, and back on every member; the data of before are kept aside", async () => {
    await db.sql("web-0", "CREATE OR REPLACE TABLE noted (word VARCHAR(40))");
    await db.sql("web-0", "INSERT INTO noted VALUES ('in-both')");
    succeeded(await evenkeel("backup"));
    await db.sql("web-0", "CREATE OR REPLACE TABLE kept (n INT PRIMARY KEY)");
    await db.sql("web-0", "INSERT INTO kept SELECT seq FROM seq_1_to_1000");
    succeeded(await evenkeel("backup"));
    await db.sql("web-0", "INSERT INTO kept VALUES (1001)");
    await db.sql("web-0", "DROP TABLE kept");
    const refused = await evenkeel("restore");
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toContain("--confirm db");

    succeeded(await evenkeel("restore", "--confirm", "db"));
    await db.synced(MEMBERS);
    for (const member of MEMBERS) {
        expect(await db.on(member, "mariadb -NBe 'SELECT COUNT(*) FROM shop.kept'")).toBe("1000");
        // Of both backups the newer one was restored, with what the first one has, too.
        expect(await db.on(member, "mariadb -NBe 'SELECT word FROM shop.noted'")).toBe("in-both");
        expect(await db.on(member, "ls -d /var/lib/mysql.before-*/shop")).toContain("shop");
    }
    const insert = () => succeeds(db.sql("web-1", "REPLACE INTO kept VALUES (2000)"));
    await within(10, "clients to write", insert);
    expect(await db.sql("web-0", "SELECT COUNT(*) FROM kept")).toBe("1001");
});
