import { expect, test } from "vitest";
import { rollSetting } from "../../support/settingsRoll.ts";
import { sharedGalera } from "../../support/shared.ts";

const db = await sharedGalera();

test("one changed setting is one line per member, rolled out while rows are written", async () => {
    const { errors } = await rollSetting(db);
    // One for the session that the writer's own restart ends.
    expect(errors.length, errors.join("\n")).toBeLessThan(5);
});
