import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cloud } from "../../../../local/clouds/clouds.ts";
import { down } from "../../../../local/clouds/lifecycle.ts";
import { type TestStack, testStack } from "../../../support/engine.ts";
import { cloudEnvironment, onHost, succeeded, testCloud } from "../../../support/flagship.ts";
import { standaloneMariadb } from "../../../support/standalone.ts";

const HOST = "one-0";
const BACKUP = "/usr/local/lib/evenkeel/database-backup";
const PROGRAM = `import * as evenkeel from "evenkeel";
const site = new evenkeel.Site("shop", { cloud: "digitalocean", region: "fra1" });
new evenkeel.WebPool("one", { placement: site.placement, hostCount: 1 });
`;

let cloud: Cloud;
let stack: TestStack;
afterAll(async () => {
    await down("test-point-in-time");
    stack?.remove();
});

const on = (command: string) => onHost(cloud, HOST, command);
const sql = (statement: string) => on(`mariadb -NBe ${JSON.stringify(statement)}`);
const rows = () => sql("SELECT GROUP_CONCAT(n ORDER BY n) FROM shop.rows_of");
/** A time between two events, of which binary logs tell no more than the second. */
async function between(): Promise<string> {
    await on("sleep 1.1");
    const now = await on("date -u +%Y-%m-%dT%H:%M:%SZ");
    await on("sleep 1.1");
    return now;
}
let beforeTheMistake = "";

beforeAll(async () => {
    cloud = await testCloud("test-point-in-time");
    stack = await testStack({ files: { "index.ts": PROGRAM }, env: cloudEnvironment(cloud) });
    succeeded(await stack.up());
    await standaloneMariadb(cloud, HOST);
    await sql("CREATE DATABASE shop; CREATE TABLE shop.rows_of (n INT PRIMARY KEY)");
    await sql("INSERT INTO shop.rows_of VALUES (1)");
    await on(`${BACKUP} now`);
    await sql("INSERT INTO shop.rows_of VALUES (2)");
    await on(`${BACKUP} ship`);
    // As another server would have, that was the primary then.
    await sql("SET SESSION server_id = 9; INSERT INTO shop.rows_of VALUES (3)");
    beforeTheMistake = await between();
    await sql("DELETE FROM shop.rows_of");
    await on(`${BACKUP} ship`);
});

test("without new rows nothing is shipped", async () => {
    const password = "--password-file /etc/evenkeel/backups/alone/repository.password";
    const count = () => on(`restic -q -r /srv/alone/binlogs ${password} snapshots --json | jq length`);
    expect(await count()).toBe("2");
    await on(`${BACKUP} ship`);
    expect(await count()).toBe("2");
});

test("the rows of just before a mistake are back, from a backup and the logs since", async () => {
    expect(await rows()).toBe("NULL");
    await on(`${BACKUP} restore --until ${beforeTheMistake} --confirm alone`);
    expect(await rows()).toBe("1,2,3");
    // What a copy of this server begins after is the last row that was replayed.
    expect(await sql("SELECT @@gtid_current_pos = @@gtid_binlog_pos")).toBe("1");
});

test("up to now it is everything that was shipped since", async () => {
    await sql("INSERT INTO shop.rows_of VALUES (4)");
    await on(`${BACKUP} ship; ${BACKUP} now`);
    await sql("INSERT INTO shop.rows_of VALUES (5)");
    await on(`${BACKUP} ship; ${BACKUP} restore --until now --confirm alone`);
    expect(await rows()).toBe("1,2,3,4,5");
});

test("the logs of an older backup end where a restore began another history", async () => {
    const first = await on(`${BACKUP} list --json | jq -r '.[0].name'`);
    await expect(on(`${BACKUP} restore ${first} --until now --confirm alone`)).rejects.toThrow(
        "a restore began another history at",
    );
    await on(`${BACKUP} restore ${first} --until ${beforeTheMistake} --confirm alone`);
    expect(await rows()).toBe("1,2,3");
});

test("without a time it is the backup as it was made", async () => {
    const first = await on(`${BACKUP} list --json | jq -r '.[0].name'`);
    await on(`${BACKUP} restore ${first} --confirm alone`);
    expect(await rows()).toBe("1");
});
