import { expect, test } from "vitest";
import { lostRows, startWriter } from "../../../support/databases.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { offerRebuilt, SUFFIX, withdrawRebuilt } from "../../../support/rebuilt.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedReplicated } from "../../../support/shared.ts";

const db = await sharedReplicated();
const everywhere = (command: string) => Promise.all(MEMBERS.map((member) => db.on(member, command)));

test("members are upgraded and restarted in turn while rows are written: none that was acknowledged is lost", async () => {
    await offerRebuilt(db.cloud, MEMBERS, ["mariadb"]);
    await everywhere("echo linux-image >/run/reboot-required.pkgs; touch /run/reboot-required");
    const undo = editFile(
        `${db.stack.folder}/index.ts`,
        "hostCount",
        'upgrade: { on: "2026-12-01", reboot: true }, hostCount',
    );
    const writer = await startWriter(db, "web-0", "upgraded");
    const output = succeeded(await db.stack.up());
    const written = await writer.stop();
    for (const member of MEMBERS) expect(output).toMatch(new RegExp(`${member}: restarts: linux-image`));
    for (const version of await everywhere(`dpkg-query -W -f '\${Version}' mariadb-server`))
        expect(version.endsWith(SUFFIX)).toBe(true);
    expect(await lostRows(db, "web-0", "upgraded", written)).toEqual([]);
    console.log(`a roll: ${written.errors.length} errors, ${written.gapMs} ms`);
    // Each change of the primary is one.
    expect(written.errors.length, written.errors.join("\n")).toBeLessThan(10);
    expect(written.gapMs).toBeLessThan(15_000);
    await db.synced(MEMBERS);
    succeeded(await db.stack.up("--expect-no-changes"));
    await withdrawRebuilt(db.cloud, MEMBERS);
    undo();
    succeeded(await db.stack.up());
});
