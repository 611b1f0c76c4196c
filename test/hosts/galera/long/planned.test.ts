import { expect, test } from "vitest";
import { lostRows, startWriter } from "../../../support/databases.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();

test("members that wait for a restart get it in turn while rows are written: none that was acknowledged is lost", async () => {
    for (const member of MEMBERS)
        await db.on(member, "echo linux-image >/run/reboot-required.pkgs; touch /run/reboot-required");
    const undo = editFile(
        `${db.stack.folder}/index.ts`,
        "hostCount",
        'upgrade: { on: "2026-12-01", reboot: true }, hostCount',
    );
    const writer = await startWriter(db, "web-0", "restarted");
    const output = succeeded(await db.stack.up());
    const written = await writer.stop();
    for (const member of MEMBERS) expect(output).toMatch(new RegExp(`${member}: restarts: linux-image`));
    expect(await lostRows(db, "web-0", "restarted", written)).toEqual([]);
    expect(written.gapMs).toBeLessThan(15_000);
    await db.synced(MEMBERS);
    succeeded(await db.stack.up("--expect-no-changes"));
    undo();
    succeeded(await db.stack.up());
});
