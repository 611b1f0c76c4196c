import { expect, test } from "vitest";
import { succeeds, within } from "../../../../tools/waiting.ts";
import { cutOff, power } from "../../../faults/hosts.ts";
import { lostRows, startWriter } from "../../../support/databases.ts";
import { succeeded } from "../../../support/flagship.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedReplicated } from "../../../support/shared.ts";

const db = await sharedReplicated();

const replicas = async () => {
    const primary = await db.primary();
    return MEMBERS.filter((member) => member !== primary);
};

test("a primary that dies as its restart begins is restarted all the same", async () => {
    const primary = await db.primary();
    const restart = "replicated-member restart";
    // Held, its daemon does not start it before that.
    const killed = "touch /run/evenkeel/replicated.hold && pkill --signal=KILL --exact mariadbd";
    await db.on(primary, `${killed} && sleep 1 && ${restart}`);
    await db.synced(MEMBERS);
});

test("a former primary that comes back with rows of its own is seeded anew: they are told of, not merged", async () => {
    const former = await db.primary();
    await db.sql("web-0", "CREATE OR REPLACE TABLE strayed (n INT PRIMARY KEY)");
    await cutOff(db, former, "both");
    // As if it had been told not to wait: what it then takes is its own alone.
    await db.on(
        former,
        "mariadb -e 'SET GLOBAL rpl_semi_sync_master_enabled = OFF; INSERT INTO shop.strayed VALUES (666), (667)'",
    );
    const others = MEMBERS.filter((member) => member !== former);
    await db.synced(others);
    await expect
        .poll(() => succeeds(db.sql("web-0", "REPLACE INTO strayed VALUES (1)")), {
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
        expect(await db.on(member, "mariadb -N -e 'SELECT n FROM shop.strayed'"), member).toBe("1");
    }
});

test("a replica whose rows are damaged is seeded anew from another one, while writes go on", async () => {
    const [replica] = await replicas();
    await db.sql("web-0", "CREATE OR REPLACE TABLE damaged (n INT PRIMARY KEY)");
    await db.sql("web-0", "INSERT INTO damaged SELECT seq FROM seq_1_to_100");
    const writer = await startWriter(db, "web-0", "healthy");
    await db.on(replica!, "mariadb -e 'SET sql_log_bin = 0; DELETE FROM shop.damaged'");
    succeeded(await db.evenkeel("reseed", replica!));
    await db.synced(MEMBERS);
    const written = await writer.stop();
    expect(await lostRows(db, "web-0", "healthy", written)).toEqual([]);
    expect(written.errors).toEqual([]);
    const sum = (member: string) =>
        db.on(member, "mariadb -N -e 'CHECKSUM TABLE shop.damaged, shop.healthy'");
    const sums = async () => new Set(await Promise.all(MEMBERS.map(sum))).size;
    await expect.poll(sums, { timeout: 10_000 }).toBe(1);
});

test("with a replica away, no copy takes the other one's acknowledgements; without rows it waits for a person's permission", async () => {
    const [primary, [away, other]] = [await db.primary(), await replicas()];
    await db.sql("web-0", "CREATE OR REPLACE TABLE lonely (n INT PRIMARY KEY)");
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
    await db.sql("web-0", "CREATE OR REPLACE TABLE seen (who VARCHAR(20))");
    await db.sql("web-0", "INSERT INTO seen VALUES ('web-0')");
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
    const write = () => db.sql("web-0", "REPLACE INTO strayed VALUES (2)");
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
        const rows = () => db.on(member, "mariadb -N -e 'SELECT n FROM shop.strayed WHERE n = 2'");
        await expect.poll(rows, { timeout: 10_000 }).toBe("2");
    }
});

test("daemons whose unit has other settings begin anew by themselves, while writes go on", async () => {
    const dropIn = "/etc/systemd/system/evenkeel-replicated.service.d/zz-test.conf";
    const began = () =>
        Promise.all(MEMBERS.map((member) => db.on(member, "systemctl show -P MainPID evenkeel-replicated")));
    const writer = await startWriter(db, "web-0", "kept");
    for (const change of [`printf '[Service]\\nNice=1\\n' >${dropIn}`, `rm ${dropIn}`]) {
        const before = await began();
        // In turn, as roles change units; the manager learns of it late.
        for (const member of MEMBERS) await db.on(member, `${change}; sleep 3; systemctl daemon-reload`);
        const anew = async () => (await began()).every((pid, i) => pid !== "0" && pid !== before[i]);
        await within(60, "all daemons to begin anew", anew);
        const nice = change.startsWith("rm") ? "0" : "1";
        for (const [i, pid] of (await began()).entries()) {
            expect(await db.on(MEMBERS[i]!, `ps -o ni= -p ${pid}`), MEMBERS[i]).toMatch(
                new RegExp(`^\\s*${nice}$`),
            );
        }
    }
    await db.synced(MEMBERS);
    expect(await lostRows(db, "web-0", "kept", await writer.stop())).toEqual([]);
});
