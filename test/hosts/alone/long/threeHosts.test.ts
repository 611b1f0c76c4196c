import { afterAll, beforeAll, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { power } from "../../../faults/hosts.ts";
import { commandsOn } from "../../../support/commands.ts";
import { type DatabaseStack, deployDatabase, lostRows, startWriter } from "../../../support/databases.ts";
import { succeeded } from "../../../support/flagship.ts";

/** Hosts that serve pages, hold rows and use them. */
const HOSTS = ["web-0", "web-1", "web-2"];

let db: DatabaseStack;
beforeAll(async () => {
    db = await deployDatabase("test-three-hosts", "examples/three-hosts", {}, "web-0");
});
afterAll(async () => db?.remove());

const page = (host: string) => db.on(host, `curl -fsS -m 2 http://${host}/`);

test("every host serves the page, writes rows and reads those of the others", async () => {
    await db.sql("web-0", "CREATE TABLE seen (who VARCHAR(20))");
    for (const host of HOSTS) {
        expect(await page(host)).toContain("<h1>Shop</h1>");
        const mariadb = "mariadb --defaults-extra-file=/etc/evenkeel/databases/shop.cnf";
        await db.on(host, `${mariadb} -e "INSERT INTO seen VALUES ('${host}')"`);
        const read = `${mariadb} --defaults-group-suffix=_read -N -e 'SELECT COUNT(*) FROM seen'`;
        await expect.poll(() => db.on(host, read)).toBe(String(HOSTS.indexOf(host) + 1));
    }
});

test.each(commandsOn("threeHosts"))("`$command` runs on $host as it is shown", async ({ command, host }) => {
    expect(await db.on(host, command)).toContain("web-0");
});

test("a second up changes nothing", async () => {
    succeeded(await db.stack.up("--expect-no-changes"));
});

test("the host that takes the writes loses its power: the others serve pages and rows, none is lost, and it returns", async () => {
    const writer = await startWriter(db, "web-1", "without");
    await power(db, "web-0", "off");
    const before = await writer.count();
    await within(20, "writes to go on", async () => (await writer.count()) > before + 50);
    expect(await page("web-2")).toContain("<h1>Shop</h1>");
    await power(db, "web-0", "on");
    await db.synced(HOSTS, 120);
    const written = await writer.stop();
    expect(await lostRows(db, "web-0", "without", written)).toEqual([]);
    expect(written.gapMs).toBeLessThan(10_000);
});
