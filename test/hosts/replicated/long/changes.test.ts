import { test } from "vitest";
import { MEMBERS } from "../../../support/replicated.ts";
import { rollSetting } from "../../../support/settingsRoll.ts";
import { sharedReplicated } from "../../../support/shared.ts";

const db = await sharedReplicated();

test("one changed setting is one line per member, rolled out while rows are written", async () => {
    await rollSetting(db);
    await db.synced(MEMBERS);
});
