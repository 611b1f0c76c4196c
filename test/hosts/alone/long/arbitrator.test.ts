import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { cutOff, power } from "../../../faults/hosts.ts";
import { commandsOn } from "../../../support/commands.ts";
import { type DatabaseStack, deployDatabase, lostRows, startWriter } from "../../../support/databases.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { failedUnits, troubledBoot } from "../../../support/troubledBoot.ts";
import { twoMembers } from "../../../support/twoMembers.ts";

/** Two members, and a web host that votes with them. */
const MEMBERS = ["db-0", "db-1"];
const ARBITRATOR = "web-0";
const CLIENT = "web-1";

let db: DatabaseStack;
beforeAll(async () => {
    db = await deployDatabase("test-arbitrator", "examples/galera-cluster", { "index.ts": twoMembers() });
});
afterAll(async () => db?.remove());

const status = (member: string, name: string) =>
    db.on(member, `mariadb -N -e "SHOW STATUS LIKE '${name}'" | cut -f 2`);

/** Waits until both members serve and count the arbitrator. */
async function whole(seconds = 60): Promise<void> {
    await db.synced(MEMBERS, seconds);
    await within(seconds, "the members to count the arbitrator", async () => {
        const sizes = await Promise.all(MEMBERS.map((member) => status(member, "wsrep_cluster_size")));
        return sizes.every((size) => size === "3");
    });
}
beforeEach(() => whole());

/** Breaks something while rows are written, until all is well again: no acknowledged row may be lost. */
async function whileWriting(table: string, breakAndHeal: () => Promise<unknown>) {
    const writer = await startWriter(db, CLIENT, table);
    await breakAndHeal();
    const before = await writer.count();
    await within(60, "rows to be acknowledged again", async () => (await writer.count()) > before + 50);
    await whole();
    const written = await writer.stop();
    expect(await lostRows(db, CLIENT, table, written)).toEqual([]);
    for (const member of MEMBERS) {
        const rows = await db.on(member, `mariadb -N -e 'SELECT COUNT(*) FROM shop.${table}'`);
        expect(Number(rows), member).toBeGreaterThanOrEqual(written.acknowledged.length);
    }
    return written;
}

const kill = (host: string, process = "mariadbd") => db.on(host, `pkill --signal=KILL --exact ${process}`);

/** A bound that a busy machine keeps. */
const PATIENCE_MS = 15_000;

test("it votes over TLS under its own certificate, listens to members alone, and stores nothing", async () => {
    const log = await db.on(ARBITRATOR, "journalctl -q -u garb -o cat");
    expect(log).toContain("listening at ssl://10.");
    // A user of its own, made when it starts.
    expect(Number(await db.on(ARBITRATOR, "ps -o uid= -C garbd"))).toBeGreaterThan(61_000);
    expect(await db.on(ARBITRATOR, "ps -o uid= -C garbd")).not.toBe("65534");
    expect(await db.on(ARBITRATOR, "stat -c '%a %U' /etc/evenkeel/arbitrator/key.pem")).toBe("600 root");
    const size = await db.on(ARBITRATOR, "du -s /run/garb/ | cut -f 1");
    expect(Number(size)).toBeLessThan(100);
    await expect(db.on(CLIENT, `timeout 3 bash -c '</dev/tcp/${ARBITRATOR}/4567'`)).rejects.toThrow();
    succeeded(await db.stack.up("--expect-no-changes"));
});

test.each(commandsOn("arbitrator"))("`$command` runs on $host as it is shown", async ({ command, host }) => {
    await db.on(host, command);
});

describe("one of two", () => {
    test.each(MEMBERS)("%s killed: the other goes on", async (member) => {
        const { gapMs } = await whileWriting(`killed_${member.at(-1)}`, () => kill(member));
        expect(gapMs).toBeLessThan(PATIENCE_MS);
    });

    test("the writer is cut off: the other takes over, and nobody else", async () => {
        const { gapMs } = await whileWriting("cut", async () => {
            await cutOff(db, "db-0", "both");
            await within(
                20,
                "db-0 to know that it is alone",
                async () => (await status("db-0", "wsrep_cluster_status")) !== "Primary",
            );
            await expect(
                db.on("db-0", "timeout 5 mariadb -e 'INSERT INTO shop.cut VALUES (-1)'"),
            ).rejects.toThrow();
            await cutOff(db, "db-0", undefined);
        });
        expect(gapMs).toBeLessThan(PATIENCE_MS);
    });
});

describe("the arbitrator", () => {
    test("restarted: nobody notices", async () => {
        const { errors } = await whileWriting("restarted", () => db.on(ARBITRATOR, "systemctl restart garb"));
        expect(errors).toEqual([]);
    });

    test("booted with a late address and with another program on its port: it votes again", async () => {
        const end = await troubledBoot(db.cloud, ARBITRATOR, ["tcp/22", "tcp/4567"]);
        await end();
        await whole();
        await whileWriting("voter_booted", () => kill("db-0"));
        expect(await failedUnits(db.cloud, ARBITRATOR)).toBe("");
    });

    test("killed: it votes again", async () => {
        const { gapMs } = await whileWriting("voter", () => kill(ARBITRATOR, "garbd"));
        expect(gapMs).toBeLessThan(PATIENCE_MS);
    });
});

describe("an outage of all members, while it lives", () => {
    test("killed: they serve again by themselves, and count it", async () => {
        await whileWriting("all_killed", () => Promise.all(MEMBERS.map((member) => kill(member))));
    });

    test("MariaDB stopped in good order, one after the other: they serve again by themselves, and count it", async () => {
        await whileWriting("all_stopped", async () => {
            for (const member of MEMBERS) await db.on(member, "systemctl stop mariadb");
        });
    });

    test("killed and stopped: what it remembers of their group does not meet the new one", async () => {
        await whileWriting("mixed", async () => {
            await kill("db-1");
            await within(
                20,
                "db-0 to miss it",
                async () => (await status("db-0", "wsrep_cluster_size")) === "2",
            );
            await db.on("db-0", "systemctl stop mariadb");
        });
    });

    test("hosts shut down, and both return", async () => {
        await whileWriting("shut_down", async () => {
            for (const member of MEMBERS) await power(db, member, "down");
            await Promise.all(MEMBERS.map((member) => power(db, member, "on")));
        });
    });

    test("who holds old rows never begins with its vote: it waits for the other", async () => {
        const undo = editFile(
            `${db.stack.folder}/index.ts`,
            "hostCount",
            "recoverWithMajority: true, hostCount",
        );
        succeeded(await db.stack.up());
        const written = await whileWriting("stale", async () => {
            await power(db, "db-1", "off");
            await within(
                20,
                "db-0 to miss it",
                async () => (await status("db-0", "wsrep_cluster_size")) === "2",
            );
            await db.sql(CLIENT, "INSERT INTO stale VALUES (-7)");
            await power(db, "db-0", "off");
            await power(db, "db-1", "on");
            const told = () => db.on("db-1", "journalctl -q -o cat -b -u evenkeel-galera");
            await expect.poll(told, { timeout: 60_000 }).toContain("db-0 does not answer");
            // Whatever it waits for, garbd and all retries of it have had their time.
            await within(10, "garbd to have tried", async () => (await uptime("db-1")) > 8, 500);
            expect(await db.on("db-1", "systemctl is-active mariadb || true")).toBe("inactive");
            await power(db, "db-0", "on");
        });
        expect(written.acknowledged.length).toBeGreaterThan(0);
        expect(await db.sql(CLIENT, "SELECT n FROM stale WHERE n = -7")).toBe("-7");
        undo();
        succeeded(await db.stack.up());
    });
});

/** Seconds since its last boot. */
async function uptime(host: string): Promise<number> {
    const since = await db.on(host, 'date -d "$(systemctl show -P UserspaceTimestamp)" +%s; date +%s');
    const [boot, now] = since.split("\n").map(Number);
    return now! - boot!;
}

describe("changes", () => {
    test("another host votes: the former one does no more", async () => {
        const undo = editFile(`${db.stack.folder}/index.ts`, "web.hosts[0]!", "web.hosts[1]!");
        succeeded(await db.stack.up());
        await whole();
        expect(await db.on(ARBITRATOR, "systemctl is-active garb evenkeel-arbitrator || true")).toBe(
            "inactive\ninactive",
        );
        expect(await db.on(CLIENT, "systemctl is-active garb")).toBe("active");
        undo();
        succeeded(await db.stack.up());
        await whole();
    });

    test("a third member takes its place", async () => {
        const edit = (from: string, to: string) => editFile(`${db.stack.folder}/index.ts`, from, to);
        edit("hostCount: 2,\n    arbitrator: web.hosts[0]!,", "hostCount: 3,");
        const { acknowledged } = await (async () => {
            const writer = await startWriter(db, CLIENT, "third");
            succeeded(await db.stack.up());
            return writer.stop();
        })();
        expect(acknowledged.length).toBeGreaterThan(0);
        await whole();
        await db.synced([...MEMBERS, "db-2"]);
        expect(await db.on(ARBITRATOR, "systemctl is-active garb evenkeel-arbitrator || true")).toBe(
            "inactive\ninactive",
        );
        edit("hostCount: 3,", "hostCount: 2,\n    arbitrator: web.hosts[0]!,");
    });
});
