import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { succeeds, within } from "../../../../tools/waiting.ts";
import { BACKUP, backupsOf, tried } from "../../../support/backups.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { serveBucket } from "../../../support/objectStorage.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();
const evenkeel = (...args: string[]) => db.evenkeel(...args);
const backups = () => backupsOf(db);

beforeAll(async () => {
    await db.sql("web-0", "CREATE OR REPLACE TABLE kept (n INT PRIMARY KEY)");
    await db.sql("web-0", "INSERT INTO kept SELECT seq FROM seq_1_to_1001");
});

describe("a night", () => {
    const nightly = "systemctl start evenkeel-backup@backups";
    /** The same backups, due at another time: another night's. */
    async function anotherNight(time: string): Promise<string> {
        const config = `/root/night-${time}.json`;
        for (const member of MEMBERS) {
            await db.on(
                member,
                `jq '.schedule = "*-*-* ${time} UTC"' /etc/evenkeel/backups/backups/config.json >${config}`,
            );
        }
        return `${BACKUP} nightly --config ${config}`;
    }

    test("the one whose turn it is is away: another member makes it", async () => {
        const before = await backups();
        const other = await anotherNight("00:01:30");
        await db.on("db-2", "systemctl stop evenkeel-galera");
        await Promise.all(["db-0", "db-1"].map((member) => db.on(member, other))).finally(() =>
            db.on("db-2", "systemctl start evenkeel-galera"),
        );
        const made = (await backups()).slice(before.length);
        expect(made.map(({ member }) => member)).toEqual(["db-1"]);
        await db.on("db-2", other);
        expect(await backups()).toHaveLength(before.length + 1);
    });

    test("two that both think it is their turn: one of them steps back", async () => {
        const night = await anotherNight("00:02:30");
        // With one look each, at the same moment, and each for itself alone.
        const alone = (member: string) =>
            db.on(
                member,
                `jq '.members = ["${member}"]' /root/night-00:02:30.json >/root/alone.json; ${night.replace("night-00:02:30", "alone")}`,
            );
        const before = await backups();
        await Promise.all(["db-1", "db-2"].map(alone));
        expect(await backups()).toHaveLength(before.length + 1);
    });

    test("mariabackup is killed: that is an error, nothing looks whole, and the cluster waits for nobody", async () => {
        const before = await backups();
        const other = await anotherNight("00:03:30");
        await db.on(
            "db-2",
            "systemd-run -q --unit killer bash -c 'until pkill -KILL mariabackup; do sleep 0.02; done'",
        );
        expect(await tried(db, "db-2", other)).toMatch(/mariabackup failed[\s\S]*FAILED/);
        expect(await backups()).toEqual(before);
        expect(await db.on("db-2", "mariadb -NBe 'SELECT @@wsrep_desync'")).toBe("0");
        const status = await db.on("db-2", `${BACKUP} status`);
        expect(status).toContain("failed on this host");
        expect(status).toContain("at work:          nobody");
    });

    /** Runs something while the member's unit has another night's backup to make. */
    async function dueAgain(member: string, time: string, run: () => Promise<void>): Promise<void> {
        await anotherNight(time);
        const config = "/etc/evenkeel/backups/backups/config.json";
        await db.on(member, `cp -a ${config} /root/kept.json; cp /root/night-${time}.json ${config}`);
        await run();
        expect(await db.on(member, "systemctl is-failed evenkeel-backup@backups")).toBe("failed");
        await db.on(
            member,
            `cp -a /root/kept.json ${config}; systemctl reset-failed evenkeel-backup@backups`,
        );
    }

    test("the program itself is killed: the unit has failed, nothing looks whole, and the member is in step", async () => {
        const before = await backups();
        await dueAgain("db-2", "00:04:30", async () => {
            const kill = "systemctl kill --kill-whom=main -s KILL evenkeel-backup@backups";
            const killer = `until pgrep mariabackup; do sleep 0.02; done; ${kill}`;
            await db.on("db-2", `systemd-run -q --unit killer bash -c '${killer}'`);
            expect(await tried(db, "db-2", nightly)).toContain("FAILED");
        });
        expect(await db.on("db-2", "mariadb -NBe 'SELECT @@wsrep_desync'")).toBe("0");
        expect(await backups()).toEqual(before);
        succeeded(await evenkeel("backup"));
        expect(await backups()).toHaveLength(before.length + 1);
    });

    test("the storage is away: the unit has failed, and says why", async () => {
        await db.on("web-0", "systemctl stop ssh");
        await dueAgain("db-2", "00:05:30", async () => {
            expect(await tried(db, "db-2", nightly)).toContain("FAILED");
        });
        await db.on("web-0", "systemctl start ssh");
        const journal = await db.on("db-2", "journalctl -q -u evenkeel-backup@backups -n 20 -o cat");
        expect(journal).toContain("Connection refused");
    });
});

describe("the folder", () => {
    const settings = "-F /etc/evenkeel/backups/backups/ssh_config";

    test("whoever has a member's key sees the folder alone, and runs nothing", async () => {
        const sftp = `sftp -q ${settings} -b - storage`;
        expect(await db.on("db-0", `echo 'ls /' | ${sftp}`)).toContain("repository");
        expect(await tried(db, "db-0", `echo 'ls /etc' | ${sftp}`)).toContain("FAILED");
        const marker = "touch /tmp/was-here";
        await tried(db, "db-0", `timeout 5 ssh ${settings} storage ${marker} </dev/null`);
        expect(await tried(db, "web-0", "test -e /tmp/was-here")).toContain("FAILED");
        const forward = `timeout 5 ssh ${settings} -W 127.0.0.1:22 storage </dev/null`;
        expect(await tried(db, "db-0", forward)).toContain("FAILED");
    });
});

describe("a restore", () => {
    test("without a confirmation nothing stops, and a member does not restore while others serve", async () => {
        const answers = async (command: string) => tried(db, "db-1", `${BACKUP} ${command}`);
        expect(await answers("restore")).toContain("say --confirm db if that is meant");
        expect(await answers("stop")).toContain("say --confirm db if that is meant");
        expect(await answers("restore --confirm db")).toContain("db-0, db-2 still serves");
        expect(await answers("fetch 20000101T000000Z")).toContain("there is no backup 20000101T000000Z");
        expect(await answers("fetch --until 2026-01-01T00:00:00Z")).toContain("no binary logs");
        await db.synced(MEMBERS);
    });

    test("members that were stopped for one go on with their rows", async () => {
        for (const member of MEMBERS) await db.on(member, `${BACKUP} stop --confirm db`);
        for (const member of MEMBERS) await db.on(member, `${BACKUP} resume`);
        await db.synced(MEMBERS);
        await within(10, "clients to read", () => succeeds(db.sql("web-0", "SELECT 1")));
        expect(await db.sql("web-0", "SELECT COUNT(*) FROM kept")).toBe("1001");
    });
});

describe("a bucket", () => {
    const SECRET = "a-secret-key-of-forty-letters-or-so";
    let undo = () => {};
    afterAll(async () => {
        undo();
        succeeded(await db.stack.up());
    });

    test("backups go there, the newest two stay, one is restored, and a second up changes nothing", async () => {
        const endpoint = await serveBucket(db.cloud, "web-0", "shop-backups");
        const keys = `accessKey: "AKIAEXAMPLE", secretKey: pulumi.secret("${SECRET}")`;
        undo = editFile(
            join(db.stack.folder, "index.ts"),
            'to: { host: web.hosts[0]!, folder: "/srv/backups" }',
            `keep: 2, to: { bucket: "shop-backups", endpoint: "${endpoint}", prefix: "db", ${keys} }`,
        );
        succeeded(await db.stack.up());
        expect(await backups()).toEqual([]);
        for (let i = 0; i < 3; i++) succeeded(await evenkeel("backup"));
        const kept = await backups();
        expect(kept).toHaveLength(2);
        await db.sql("web-0", "DROP TABLE kept");
        succeeded(await evenkeel("restore", kept[0]!.name, "--confirm", "db"));
        await within(10, "clients to read", () => succeeds(db.sql("web-0", "SELECT 1")));
        expect(await db.sql("web-0", "SELECT COUNT(*) FROM kept")).toBe("1001");
        succeeded(await db.stack.up("--expect-no-changes"));
    });

    test("its secret is in one file that root alone reads, and in no log", async () => {
        const folders = "/etc /run /var/log /var/lib/evenkeel /usr/local";
        for (const member of MEMBERS) {
            const found = await db.on(member, `grep -rl ${SECRET} ${folders} 2>/dev/null || true`);
            expect(found).toBe("/etc/evenkeel/backups/backups/s3.credentials");
            expect(await db.on(member, `stat -c '%a %U' ${found}`)).toBe("600 root");
            expect(await db.on(member, `journalctl -q | grep -c ${SECRET} || true`)).toBe("0");
        }
    });
});
