import { afterAll, beforeAll, expect, test } from "vitest";
import { succeeds } from "../../tools/waiting.ts";
import { cutOff, power } from "../faults/hosts.ts";
import { lostRows, startWriter } from "../support/databases.ts";
import { editFile, succeeded } from "../support/flagship.ts";
import { recorded, secretsIn } from "../support/recorded.ts";
import { deployReplicated, MEMBERS, type ReplicatedStack } from "../support/replicated.ts";
import {
    expectNoneInState,
    inFiles,
    journal,
    openFiles,
    processes,
    search,
} from "../support/secretSearch.ts";

const HOSTS = [...MEMBERS, "web-0", "web-1"];

let db: ReplicatedStack;
beforeAll(async () => {
    db = await deployReplicated("test-replicated");
});
afterAll(async () => db?.remove());

const replicas = async () => {
    const primary = await db.primary();
    return MEMBERS.filter((member) => member !== primary);
};

/** Who answers on a port of a client, asked many times. */
async function answering(port: number): Promise<string[]> {
    const names = new Set<string>();
    for (let i = 0; i < 12; i++) names.add(await db.sql("web-0", "SELECT @@hostname", port));
    return [...names].sort();
}

test("writes go to the primary, reads to its replicas, which have the rows", async () => {
    await db.sql("web-0", "CREATE TABLE seen (who VARCHAR(20))");
    await db.sql("web-0", "INSERT INTO seen VALUES ('web-0')");
    const { port, readPort } = db.connection;
    await expect.poll(() => db.sql("web-1", "SELECT who FROM seen", readPort)).toBe("web-0");
    expect(await answering(port)).toEqual(["db-0"]);
    expect(await answering(readPort)).toEqual(["db-1", "db-2"]);
});

test("replication is verified, encrypted, acknowledged by a replica, and needs no password", async () => {
    for (const replica of await replicas()) {
        const status = await db.on(replica, "mariadb -e 'SHOW SLAVE STATUS\\G'");
        for (const line of ["Slave_IO_Running: Yes", "Slave_SQL_Running: Yes", "Master_SSL_Allowed: Yes"]) {
            expect(status).toContain(line);
        }
        expect(status).toContain("Using_Gtid: Slave_Pos");
        expect((await db.states())[replica]).toMatchObject({ io: "Yes", sql: "Yes", follows: "db-0" });
    }
    const clients = await db.on("db-0", "mariadb -N -e \"SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'\"");
    expect(clients).toContain("2");
    // A host of the network without a member's certificate is nobody's replica.
    const stranger = "mariadb --ssl --protocol=tcp -h db-0 -u replication -e 'SELECT 1'";
    await expect(db.on("web-0", stranger)).rejects.toThrow(/Access denied|not allowed/);
    expect(await db.on("db-0", "ss -Hltn 'sport = 3306' | awk '{ print $4 }'")).toMatch(/^10\.[\d.]+:3306$/);
});

test("a slow query is in the slow query log", async () => {
    await db.sql("web-0", "SELECT SLEEP(1.1)");
    expect(await db.on("db-0", "cat /var/log/mysql/slow.log")).toContain("SLEEP(1.1)");
});

test("a second up changes nothing and opens no SSH connection", async () => {
    const logins = (host: string) =>
        db.on(host, "journalctl -q -o cat -t sshd | grep -c '^Accepted' || true");
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

test("one changed setting is one line per member, rolled out while rows are written", async () => {
    const writer = await startWriter(db, "web-0", "rolled");
    const undo = editFile(
        `${db.stack.folder}/index.ts`,
        "hostCount",
        "settings: { max_connections: 90 }, hostCount",
    );
    const preview = succeeded(await db.stack.preview("--diff"));
    expect(preview.match(/- max_connections = 80/g)).toHaveLength(3);
    expect(preview.match(/\+ max_connections = 90/g)).toHaveLength(3);
    succeeded(await db.stack.up());
    const written = await writer.stop();
    expect(await lostRows(db, "web-0", "rolled", written)).toEqual([]);
    for (const member of MEMBERS) {
        expect(await db.on(member, "mariadb -N -e 'SELECT @@max_connections'")).toBe("90");
    }
    undo();
    succeeded(await db.stack.up());
    await db.synced(MEMBERS);
});

test("a primary that dies as its restart begins is restarted all the same", async () => {
    const primary = await db.primary();
    const restart = "/usr/local/lib/evenkeel/replicated-member restart";
    // Held, its daemon does not start it before that.
    const killed = "touch /run/evenkeel/replicated.hold && pkill --signal=KILL --exact mariadbd";
    await db.on(primary, `${killed} && sleep 1 && ${restart}`);
    await db.synced(MEMBERS);
});

test("a former primary that comes back with rows of its own is seeded anew: they are told of, not merged", async () => {
    const former = await db.primary();
    await db.sql("web-0", "CREATE TABLE parted (n INT PRIMARY KEY)");
    await cutOff(db, former, "both");
    // As if it had been told not to wait: what it then takes is its own alone.
    await db.on(
        former,
        "mariadb -e 'SET GLOBAL rpl_semi_sync_master_enabled = OFF; INSERT INTO shop.parted VALUES (666), (667)'",
    );
    const others = MEMBERS.filter((member) => member !== former);
    await db.synced(others);
    await expect
        .poll(() => succeeds(db.sql("web-0", "REPLACE INTO parted VALUES (1)")), {
            timeout: 30_000,
        })
        .toBe(true);
    await cutOff(db, former, undefined);
    await db.synced(MEMBERS, 120);
    const { errant } = (await db.states(former))[former]!;
    expect(errant).toMatch(/^\d+ transactions that only this host had are in \S+, not merged$/);
    const file = errant.match(/in (\S+),/)![1];
    const reported = await db.on(former, `cat ${file}`);
    expect(reported).toContain("@1=666");
    expect(reported).toContain("@1=667");
    for (const member of MEMBERS) {
        expect(await db.on(member, "mariadb -N -e 'SELECT n FROM shop.parted'"), member).toBe("1");
    }
});

test("a replica whose rows are damaged is seeded anew from another one, while writes go on", async () => {
    const [replica] = await replicas();
    const writer = await startWriter(db, "web-0", "healthy");
    await db.on(replica!, "mariadb -e 'SET sql_log_bin = 0; DELETE FROM shop.rolled'");
    succeeded(await db.evenkeel("reseed", replica!));
    await db.synced(MEMBERS);
    const written = await writer.stop();
    expect(await lostRows(db, "web-0", "healthy", written)).toEqual([]);
    expect(written.errors).toEqual([]);
    const sum = (member: string) => db.on(member, "mariadb -N -e 'CHECKSUM TABLE shop.rolled, shop.healthy'");
    const sums = async () => new Set(await Promise.all(MEMBERS.map(sum))).size;
    await expect.poll(sums, { timeout: 10_000 }).toBe(1);
});

test("with a replica away, no copy takes the other one's acknowledgements; without rows it waits for a person's permission", async () => {
    const [primary, [away, other]] = [await db.primary(), await replicas()];
    await db.sql("web-0", "CREATE TABLE lonely (n INT PRIMARY KEY)");
    await power(db, away!, "off");
    await db.synced([primary, other!]);
    const refused = await db.evenkeel("reseed", other!);
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toContain(`all writes would wait while it copies, as ${away} acknowledges none`);
    await db.sql("web-0", "REPLACE INTO lonely VALUES (1)");

    // A new disk: nobody is left who could acknowledge, and the copy waits with the writes.
    await db.on(
        other!,
        "systemctl stop evenkeel-replicated mariadb; rm -rf /var/lib/mysql/*; systemctl start evenkeel-replicated",
    );
    await expect(
        db.on(
            "web-0",
            'timeout 8 mariadb --defaults-file=/root/client.cnf -h 127.0.0.1 -P 3306 -e "REPLACE INTO shop.lonely VALUES (2)"',
        ),
    ).rejects.toThrow();
    succeeded(await db.evenkeel("promote", primary, "--accept-loss"));
    await db.synced([primary, other!], 120);
    await power(db, away!, "on");
    await db.synced(MEMBERS, 120);
    for (const member of MEMBERS)
        expect(await db.on(member, "mariadb -N -e 'SELECT MIN(n) FROM shop.lonely'"), member).toBe("1");
});

test("a fourth member copies the rows, though the primary's log no longer begins with them", async () => {
    const primary = await db.primary();
    await db.on(primary, "mariadb -e 'FLUSH BINARY LOGS'");
    const newest = await db.on(primary, "mariadb -N -e 'SHOW MASTER STATUS' | cut -f1");
    await db.on(primary, `mariadb -e "PURGE BINARY LOGS TO '${newest}'"`);
    await db.stack.pulumi("config", "set", "databaseHosts", "4");
    succeeded(await db.stack.up());
    await db.synced([...MEMBERS, "db-3"], 120);
    expect(await db.on("db-3", "mariadb -N -e 'SELECT who FROM shop.seen'")).toBe("web-0");
    // It serves reads, and has no say in who is the primary.
    expect(await db.on("db-3", "mariadb -N -e 'SELECT @@rpl_semi_sync_slave_enabled'")).toBe("0");
    await db.stack.pulumi("config", "set", "databaseHosts", "3");
    succeeded(await db.stack.up());
    await db.synced(MEMBERS);
});

test("when no majority is left, a person can have a member go on, and only by saying so", async () => {
    const [primary, [replica, other]] = [await db.primary(), await replicas()];
    const refused = await db.evenkeel("promote", replica!);
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toContain("--accept-loss");
    await Promise.all([primary, other!].map((each) => cutOff(db, each, "both")));
    succeeded(await db.evenkeel("promote", replica!, "--accept-loss"));
    expect((await db.states(replica!))[replica!]!.leads).toBeGreaterThan(0);
    const write = () => db.sql("web-0", "REPLACE INTO parted VALUES (2)");
    await expect.poll(() => succeeds(write()), { timeout: 20_000 }).toBe(true);
    expect((await db.states(replica!))[replica!]!.problem).toBe("takes writes that no other voter holds");
    await Promise.all([primary, other!].map((each) => cutOff(db, each, undefined)));
    await db.synced(MEMBERS, 120);
    expect(await db.primary()).toBe(replica);
    // From now on they are held by two again.
    const waits = () => db.on(replica!, "mariadb -N -e 'SELECT @@rpl_semi_sync_master_enabled'");
    await expect.poll(waits, { timeout: 10_000 }).toBe("1");
    expect((await db.states(replica!))[replica!]!.problem).toBe("");
    for (const member of MEMBERS) {
        const rows = () => db.on(member, "mariadb -N -e 'SELECT n FROM shop.parted WHERE n = 2'");
        await expect.poll(rows, { timeout: 10_000 }).toBe("2");
    }
});

test("its secrets are in no process, journal, log or state, and only in the files that need them", async () => {
    const searched = { ...db, secrets: secretsIn(await recorded(db.stack)) };
    expect(Object.keys(searched.secrets)).toEqual(
        expect.arrayContaining(["db-ca-key", "shop-password", ...MEMBERS.map((member) => `${member}-key`)]),
    );
    await expectNoneInState(searched);
    for (const host of HOSTS) {
        const tlsKeys = MEMBERS.filter((member) => member === host).map(() => "/etc/mysql/tls/key.pem");
        for (const place of [processes, journal])
            expect(await search(searched, host, place), host).toEqual([]);
        expect(await search(searched, host, openFiles), host).toEqual(tlsKeys);
        const holding = async (names: string[]) =>
            (await search(searched, host, inFiles("find / -xdev -type f"), names)).filter(
                (file) => file !== "/root/patterns",
            );
        const others = MEMBERS.filter((member) => member !== host).map((member) => `${member}-key`);
        expect(await holding(["db-ca-key", ...others]), host).toEqual([]);
        // Neither rows, nor binary logs, nor the slow log have it in plain; on clients two files are this test's own.
        const password = await holding(["shop-password"]);
        const own = ["/root/client.cnf", "/root/password"];
        expect(
            password.filter((file) => !own.includes(file)),
            host,
        ).toEqual(
            tlsKeys.length > 0
                ? ["/etc/evenkeel/databases/shop.password"]
                : ["/etc/evenkeel/databases/shop.cnf"],
        );
    }
});

test("destroy is refused while the cluster is protected", async () => {
    const { exitCode, output } = await db.stack.pulumi("destroy", "--yes");
    expect(exitCode).not.toBe(0);
    expect(output).toContain("protected");
    succeeded(await db.stack.up("--expect-no-changes"));
});
