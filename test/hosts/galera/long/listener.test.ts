import { afterAll, beforeAll, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();
const program = `${db.stack.folder}/index.ts`;
const PAIR = `const lb = new evenkeel.LoadBalancerPair("lb", {
    hosts: web.hosts,
    http: [{ backends: web.hosts }],
    tcp: [
        { port: 3306, backends: db.hosts, database: db.endpoint },
        { port: 3307, backends: db.hosts, database: db.endpoint, reads: true },
    ],
    failoverToken: pulumi.secret(process.env.DIGITALOCEAN_TOKEN!),
    deletionProtection: false,
});
export const address = lb.address;

export const connection`;

let undo = () => {};
let address = "";
beforeAll(async () => {
    undo = editFile(program, "export const connection", PAIR);
    succeeded(await db.stack.up());
    address = String((await db.stack.outputs()).address);
    await db.prepareClient("db-2");
}, 300_000);
afterAll(async () => {
    undo();
    succeeded(await db.stack.up());
    await db.on("db-2", "rm -f /root/client.cnf /root/password");
    await db.sql("web-0", "DROP TABLE IF EXISTS counted");
}, 300_000);

/** As somebody who knows the pair's address and no more. */
const ask = (statement: string, port = 3306, more = "--ssl") =>
    db.on(
        "db-2",
        `mariadb --defaults-file=/root/client.cnf --connect-timeout=3 ${more} -h ${address} -P ${port} -N -B -e "${statement}" ${db.connection.schema}`,
    );

/** As a client beside its own HAProxy finds it. */
const writer = () => db.sql("web-0", "SELECT @@hostname");

test("the pair's address leads to the writer, and another port to all who may be read from", async () => {
    succeeded(await db.stack.up("--expect-no-changes"));
    const member = await writer();
    for (let i = 0; i < 6; i++) expect(await ask("SELECT @@hostname")).toBe(member);
    await ask("CREATE OR REPLACE TABLE counted (n INT PRIMARY KEY)");
    await ask("INSERT INTO counted VALUES (1)");
    const read = new Set<string>();
    for (let i = 0; i < 12; i++) read.add(await ask("SELECT @@hostname", 3307));
    expect([...read].sort()).toEqual(MEMBERS);
});

test("nobody comes in without TLS, to the member itself", async () => {
    await expect(ask("SELECT 1", 3306, "--skip-ssl")).rejects.toThrow();
    expect(await ask("SHOW STATUS LIKE 'Ssl_version'")).toMatch(/TLSv1\.3$/);
});

test("the writer dies: whoever comes is led to the next one, and no row is lost", async () => {
    const former = await writer();
    await db.on(former, "systemctl kill -s KILL mariadb");
    await within(15, "the address to lead to another writer", async () => {
        const next = await ask("INSERT INTO counted SELECT MAX(n) + 1 FROM counted; SELECT @@hostname").catch(
            () => "",
        );
        return MEMBERS.includes(next) && next !== former;
    });
    await db.synced(MEMBERS);
    expect(Number(await ask("SELECT COUNT(*) FROM counted"))).toBeGreaterThanOrEqual(2);
});
