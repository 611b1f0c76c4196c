import { beforeAll, expect, test } from "vitest";
import { within } from "../../../tools/waiting.ts";
import { lostRows, startWriter } from "../../support/databases.ts";
import { succeeded } from "../../support/flagship.ts";
import { membersOf, replicasOf } from "../../support/names.ts";
import { MEMBERS } from "../../support/replicated.ts";
import { sharedReplicated } from "../../support/shared.ts";

const db = await sharedReplicated();

const RW = { name: "db-rw", port: 3306 };

/** What asks name servers, on the clients. */
beforeAll(async () => {
    for (const client of ["web-0", "web-1"]) await db.on(client, "apt-get -q -y install bind9-dnsutils");
});

/** Who answers a client's reads, asked many times. */
async function readFrom(client: string): Promise<string[]> {
    const names = new Set<string>();
    for (let i = 0; i < 8; i++) names.add(await db.sql(client, "SELECT @@hostname", db.connection.readPort));
    return [...names].sort();
}

async function switchOver(): Promise<string> {
    succeeded(await db.evenkeel("switchover"));
    await db.synced(MEMBERS);
    return db.primary();
}

test("one client's reads end at the writer, and follow it; the other's at the replicas", async () => {
    const before = await db.primary();
    await expect.poll(() => readFrom("web-0"), { timeout: 15_000 }).toEqual([before]);
    await expect.poll(() => readFrom("web-1"), { timeout: 15_000 }).toEqual(replicasOf(before));
    const after = await switchOver();
    expect(after).not.toBe(before);
    await expect.poll(() => readFrom("web-0"), { timeout: 15_000 }).toEqual([after]);
    await expect.poll(() => readFrom("web-1"), { timeout: 15_000 }).toEqual(replicasOf(after));
});

test("the names resolve to the writer and to the readers in turn, for a second", async () => {
    const primary = await db.primary();
    await expect.poll(() => membersOf(db, "web-1", "db-rw"), { timeout: 10_000 }).toEqual([primary]);
    expect(await membersOf(db, "web-1", "db-ro")).toEqual(replicasOf(primary));
    expect(await membersOf(db, "web-0", "db-ro")).toEqual([primary]);
    const lines = (await db.on("web-1", "dig +noall +answer db-rw db-ro")).split("\n");
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^db-r[wo]\.\s+1\s+IN\s+A\s+10\./);
    const firsts = await db.on(
        "web-1",
        "for i in $(seq 60); do dig +short db-ro | head -n 1; done | sort | uniq -c",
    );
    const counts = firsts.split("\n").map((line) => Number(line.trim().split(" ")[0]));
    expect(counts).toHaveLength(2);
    for (const count of counts) expect(count).toBeGreaterThan(15);
});

test("the server that answers by a name has a certificate for it", async () => {
    const ask = (name: string) =>
        db.on(
            "web-1",
            `mariadb --defaults-file=/root/client.cnf --ssl-ca=${db.connection.caFile} --ssl-verify-server-cert -h ${name} -P 3306 -N -e 'SELECT @@hostname'`,
        );
    expect(await ask("db-rw")).toBe(await db.primary());
    expect(replicasOf(await db.primary())).toContain(await ask("db-ro"));
    const other = `$(getent ahostsv4 db-rw | awk '{ print $1; exit }') db-xx`;
    await db.on("web-1", `echo "${other}" >>/etc/hosts`);
    try {
        await expect(ask("db-xx")).rejects.toThrow(/certificate|verif/i);
    } finally {
        await db.on("web-1", "sed -i '/ db-xx$/d' /etc/hosts");
    }
});

test("who writes to the name goes on through a switchover and the primary's death; no row is lost", async () => {
    const writer = await startWriter(db, "web-1", "named", RW);
    await switchOver();
    const killed = await db.primary();
    await db.on(killed, "pkill --signal=KILL --exact mariadbd");
    await db.synced(MEMBERS);
    const after = await db.primary();
    const before = await writer.count();
    await within(30, "rows to be acknowledged again", async () => (await writer.count()) > before + 20);
    const written = await writer.stop();
    expect(await lostRows(db, "web-1", "named", written)).toEqual([]);
    expect(written.gapMs).toBeLessThan(15_000);
    await expect.poll(() => membersOf(db, "web-1", "db-rw"), { timeout: 10_000 }).toEqual([after]);
});
