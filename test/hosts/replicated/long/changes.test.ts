import { expect, test } from "vitest";
import { lostRows, startWriter } from "../../../support/databases.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedReplicated } from "../../../support/shared.ts";

const db = await sharedReplicated();

test("one changed setting is one line per member, rolled out while rows are written", async () => {
    const writer = await startWriter(db, "web-0", "rolled");
    const undo = editFile(
        `${db.stack.folder}/index.ts`,
        "hostCount",
        "settings: { max_connections: 90 }, hostCount",
    );
    const preview = succeeded(await db.stack.preview("--diff"));
    expect(preview.match(/- max_connections = 80/g)).toHaveLength(3);
    expect(preview.match(/\+ max_connections = 90/g)).toHaveLength(3);
    succeeded(await db.stack.up());
    const written = await writer.stop();
    expect(await lostRows(db, "web-0", "rolled", written)).toEqual([]);
    for (const member of MEMBERS) {
        expect(await db.on(member, "mariadb -N -e 'SELECT @@max_connections'")).toBe("90");
    }
    undo();
    succeeded(await db.stack.up());
    await db.synced(MEMBERS);
});
