import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { power } from "../../../faults/hosts.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { KEY, notesApp, notesPool } from "../../../support/notesApp.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();
const WEB = ["web-0", "web-1"];
const program = `${db.stack.folder}/index.ts`;
const POOL = /(php: true, )?files: \{.*\}(?=,\n)/;
const JOBS = `jobs: [
        { name: "tick", schedule: "*:*", command: ["php", "tick.php"] },
        { name: "long", schedule: "*:*", command: ["php", "long.php"] },
    ],`;

const restore: (() => void)[] = [];
beforeAll(async () => {
    restore.push(
        editFile(program, POOL, notesPool()),
        editFile(program, "export const connection", notesApp()),
    );
    succeeded(await db.stack.up());
}, 300_000);
afterAll(async () => {
    for (const each of restore.reverse()) each();
    succeeded(await db.stack.up());
    await db.sql("web-0", "DROP TABLE IF EXISTS noted, evenkeel_jobs");
}, 300_000);

const noted = async (what: string) => {
    const rows = await db.sql(
        "web-0",
        `SELECT host, UNIX_TIMESTAMP(at) FROM noted WHERE what = '${what}' ORDER BY id`,
    );
    return rows
        .split("\n")
        .filter(Boolean)
        .map((row) => row.split("\t") as [host: string, at: string]);
};

describe("an application of somebody", () => {
    test("is told its environment and its secrets, byte for byte, and cannot write them", async () => {
        succeeded(await db.stack.up("--expect-no-changes"));
        for (const host of WEB) {
            expect(JSON.parse(await db.on(host, `curl -fsS http://${host}/tell.php`))).toEqual({
                env: "production",
                key: KEY,
                writable: false,
                host,
                user: "site-web",
            });
            expect(
                await db.on(host, "stat -c '%a %U:%G' /etc/evenkeel/apps/notes/{SIGNING_KEY,DB_PASSWORD}"),
            ).toBe("640 root:site-web\n640 root:site-web");
            expect(await db.on(host, "grep -lsz 'quo[t]ed' /proc/[0-9]*/{environ,cmdline} || true")).toBe("");
        }
    });

    test("its schema is upgraded once for each version, not once for each host", async () => {
        expect(await noted("setup")).toHaveLength(1);
        restore.push(editFile(program, "<h1>Notes</h1>", "<h1>Notes, second edition</h1>"));
        succeeded(await db.stack.up());
        expect(await noted("setup")).toHaveLength(2);
        restore.pop()!();
    });

    test("an upgrade of the schema that fails: `up` fails and says why; mended, it is done", async () => {
        const before = await noted("setup");
        const undo = editFile(program, POOL, notesPool('fwrite(STDERR, "no such column"); exit(3);'));
        const { exitCode, output } = await db.stack.up();
        expect(exitCode).not.toBe(0);
        expect(output).toMatch(/not healthy after 30 s: its setup has been run/);
        expect(output).toContain("no such column");
        undo();
        succeeded(await db.stack.up());
        expect((await noted("setup")).length).toBe(before.length + 1);
        for (const host of WEB) expect(await db.on(host, `curl -fsS http://${host}/health.php`)).toBe("well");
    });

    test("its mail goes to the relay, and without one mail() says so", async () => {
        expect(await db.on("web-0", "curl -fsS http://web-0/mail.php")).toBe("refused");
        await db.on(
            "web-0",
            "systemd-run -q --unit=relay python3 -W ignore -u -m smtpd -n -c DebuggingServer 127.0.0.1:2525; until ss -Hltn 'sport = :2525' | grep -q .; do sleep 0.1; done",
        );
        expect(await db.on("web-0", "curl -fsS http://web-0/mail.php")).toBe("sent");
        expect(
            await db.on(
                "web-0",
                `/usr/local/lib/evenkeel/web-app notes run php -r 'var_dump(mail("a@example.com", "By hand", ""));'`,
            ),
        ).toContain("bool(true)");
        const mails = await db.on("web-0", "journalctl -q -o cat -u relay; systemctl stop relay");
        expect(mails).toContain("Subject: Greetings");
        expect(mails).toContain("Subject: By hand");
        expect(mails).toMatch(/From: notes@example.com|X-Peer/);
    });

    test("jobs run on one host at a time, every minute once, and on another one when that dies", async () => {
        restore.push(editFile(program, "setup: [", `${JOBS} setup: [`));
        succeeded(await db.stack.up());
        await within(150, "a first long job to be at work", async () => (await noted("begun")).length === 1);
        const [first] = await noted("begun");
        const other = WEB.find((each) => each !== first![0])!;
        const pulled = Date.now() / 1000;
        await power(db, first![0], "off");
        const rows = (what: string) =>
            db.sql(other, `SELECT host, UNIX_TIMESTAMP(at) FROM noted WHERE what = '${what}' ORDER BY id`);
        await within(
            150,
            "the other host to run it anew, to its end",
            async () => (await rows("done")) !== "",
        );
        const begun = (await rows("begun")).split("\n").map((row) => row.split("\t"));
        expect(begun[1]![0]).toBe(other);
        const after = Number(begun[1]![1]) - pulled;
        console.log(`job begun anew ${after.toFixed(1)} s after its host had died`);
        // Never while the first one could be at work still.
        expect(Number(begun[1]![1]) - Number(begun[0]![1])).toBeGreaterThan(55);
        expect(after).toBeLessThan(80);
        expect(await db.on(other, "journalctl -q -o cat -u 'evenkeel-job@notes:long'")).toContain(
            `${first![0]} is at work`,
        );
        await power(db, first![0], "on");
        await within(120, "its host to be back", () =>
            db.on(first![0], "systemctl is-system-running --wait || true").then(Boolean),
        );
        const since = Date.now() / 1000;
        await within(
            200,
            "three more ticks",
            async () => (await noted("tick")).filter(([, at]) => Number(at) > since).length >= 3,
        );
        const minutes = (await noted("tick")).map(([, at]) => Math.floor(Number(at) / 60));
        expect(new Set(minutes).size).toBe(minutes.length);
        expect(await db.on(other, "/usr/local/lib/evenkeel/web-app notes last tick")).toMatch(
            /^(well|at work) on web-[01]/,
        );
    }, 600_000);

    test("a job goes on while the database fails over", async () => {
        const count = async (what: string) => (await noted(what).catch(() => [])).length;
        const [begun, done] = [await count("begun"), await count("done")];
        await within(100, "another one to begin", async () => (await count("begun")) > begun);
        await db.on("db-0", "systemctl kill -s KILL mariadb");
        await within(100, "it to be done", async () => (await count("done")) > done);
        expect(await count("begun")).toBe(begun + 1);
        await db.synced(["db-0", "db-1", "db-2"]);
    }, 300_000);

    test("without jobs, and without the application, nothing of them is left", async () => {
        for (const each of restore.reverse()) each();
        restore.length = 0;
        succeeded(await db.stack.up());
        for (const host of WEB)
            expect(
                await db.on(
                    host,
                    "ls -d /etc/evenkeel/apps /etc/php/8.2/fpm/pool.d/app-* /etc/systemd/system/evenkeel-job* 2>/dev/null; systemctl list-timers --all --plain --no-legend 'evenkeel-job*'; true",
                ),
            ).toBe("");
    });
});
