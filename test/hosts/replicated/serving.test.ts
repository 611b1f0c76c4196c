import { expect, test } from "vitest";
import { commandsOn } from "../../support/commands.ts";
import { succeeded } from "../../support/flagship.ts";
import { MEMBERS } from "../../support/replicated.ts";
import { makesRoutines } from "../../support/routines.ts";
import { sharedReplicated } from "../../support/shared.ts";

const db = await sharedReplicated();

const HOSTS = [...MEMBERS, "web-0", "web-1"];

const replicas = async () => {
    const primary = await db.primary();
    return MEMBERS.filter((member) => member !== primary);
};

/** Who answers on a port of a client, asked many times. */
async function answering(port: number): Promise<string[]> {
    const names = new Set<string>();
    for (let i = 0; i < 12; i++) names.add(await db.sql("web-1", "SELECT @@hostname", port));
    return [...names].sort();
}

test("writes go to the primary, reads to its replicas, which have the rows", async () => {
    await db.sql("web-0", "CREATE OR REPLACE TABLE seen (who VARCHAR(20))");
    await db.sql("web-0", "INSERT INTO seen VALUES ('web-0')");
    const { port, readPort } = db.connection;
    await expect.poll(() => db.sql("web-1", "SELECT who FROM seen", readPort)).toBe("web-0");
    expect(await answering(port)).toEqual([await db.primary()]);
    expect(await answering(readPort)).toEqual(await replicas());
});

test("replication is verified, encrypted, acknowledged by a replica, and needs no password", async () => {
    const primary = await db.primary();
    for (const replica of await replicas()) {
        const status = await db.on(replica, "mariadb -e 'SHOW SLAVE STATUS\\G'");
        for (const line of ["Slave_IO_Running: Yes", "Slave_SQL_Running: Yes", "Master_SSL_Allowed: Yes"]) {
            expect(status).toContain(line);
        }
        expect(status).toContain("Using_Gtid: Slave_Pos");
        expect((await db.states())[replica]).toMatchObject({ io: "Yes", sql: "Yes", follows: primary });
    }
    const clients = await db.on(primary, "mariadb -N -e \"SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'\"");
    expect(clients).toContain("2");
    // A host of the network without a member's certificate is nobody's replica.
    const stranger = `mariadb --ssl --protocol=tcp -h ${primary} -u replication -e 'SELECT 1'`;
    await expect(db.on("web-0", stranger)).rejects.toThrow(/Access denied|not allowed/);
    expect(await db.on(primary, "ss -Hltn 'sport = 3306' | awk '{ print $4 }'")).toMatch(/^10\.[\d.]+:3306$/);
});

test("an application has triggers and functions, and replicas have what they make", async () => {
    await makesRoutines(db, "web-0");
    const read = () => db.sql("web-1", "SELECT n FROM orders_log", db.connection.readPort).catch(() => "");
    await expect.poll(read).toBe("42");
});

test("a slow query is in the slow query log", async () => {
    await db.sql("web-0", "SELECT SLEEP(1.1)");
    expect(await db.on(await db.primary(), "cat /var/log/mysql/slow.log")).toContain("SLEEP(1.1)");
});

test("a second up changes nothing and opens no SSH connection", async () => {
    const logins = (host: string) =>
        db.on(host, "journalctl -q -o cat -t sshd | grep -c '^Accepted publickey for root ' || true");
    const before = await Promise.all(HOSTS.map(logins));
    succeeded(await db.stack.up("--expect-no-changes"));
    expect(await Promise.all(HOSTS.map(logins))).toEqual(before);
});

test("a replica that lags gets no reads, and gets them again when it has caught up", async () => {
    const [replica, other] = await replicas();
    await db.on(replica!, "mariadb -e 'STOP SLAVE SQL_THREAD'");
    const seen = async () => (await db.states())[replica!]!;
    await expect.poll(async () => (await seen()).readable, { timeout: 30_000 }).toBe(false);
    expect((await seen()).lag).toBeGreaterThan(5);
    await expect.poll(() => answering(db.connection.readPort), { timeout: 15_000 }).toEqual([other]);
    await db.on(replica!, "mariadb -e 'START SLAVE SQL_THREAD'");
    await expect
        .poll(() => answering(db.connection.readPort), { timeout: 30_000 })
        .toEqual([replica, other].sort());
});

test.each(commandsOn("replicated"))("`$command` runs on $host as it is shown", async ({ command, host }) => {
    await db.on(host, command);
    await db.synced(MEMBERS);
});
