import { expect, test } from "vitest";
import { succeeded } from "../../../support/flagship.ts";
import { sharedReplicated } from "../../../support/shared.ts";

const db = await sharedReplicated();

test("destroy is refused while the cluster is protected", async () => {
    const { exitCode, output } = await db.stack.pulumi("destroy", "--yes");
    expect(exitCode).not.toBe(0);
    expect(output).toContain("protected");
    succeeded(await db.stack.up("--expect-no-changes"));
});
