import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { commandLine } from "../../support/commandLine.ts";
import { keyPair, type SshServer, sshServer } from "../../support/sshServer.ts";

// Each call is a process of its own, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const { privateKey } = keyPair();
const WELL = { process: "running", primary: true, state: 4, seqno: 7, queue: 0, writer: "db-0" };

/** What the hosts' programs answer, by the end of the command. */
type Answers = Record<string, { stdout?: string; stderr?: string; exitCode?: number }>;

let folder: string;
let server: SshServer;
let answers: Answers;
const commands = () =>
    server.executions.map(({ command }) => command.replace("/usr/local/lib/evenkeel/", ""));

beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "evenkeel-cli-"));
    answers = {};
    server = await sshServer({
        run: ({ command }, channel) => {
            const [, answer] = Object.entries(answers).find(([part]) => command.includes(part)) ?? [];
            if (answer?.stdout) channel.write(answer.stdout);
            if (answer?.stderr) channel.stderr.write(answer.stderr);
            return answer?.exitCode ?? 0;
        },
    });
});
afterEach(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
});

/** A host of the stack: the SSH server, or a port that nobody listens on. */
const host = (name: string, more = {}) => ({
    name,
    privateAddress: "10.0.0.1",
    connection: {
        host: "127.0.0.1",
        port: server.port,
        user: "root",
        privateKey,
        hostKey: server.hostKey,
        ...more,
    },
});
const cluster = (hosts = ["db-0", "db-1", "db-2"].map((name) => host(name)), kind = "galera") => ({
    database: { endpoint: { kind, name: "db" }, hosts },
});

/** Runs the command line with a Pulumi that has these outputs. */
const db = (args: string[], outputs: unknown = cluster(), pulumi?: string) =>
    commandLine(folder, ["db", ...args], outputs, pulumi);

/** Of a member of a replicated cluster: whom it knows to vote. */
const votedBy = (names: string, epoch = 1) => ({ voters: { names: names.split(" "), epoch, version: 0 } });

const states = (changed = {}) => JSON.stringify({ "db-0": WELL, "db-1": WELL, "db-2": WELL, ...changed });

describe("status", () => {
    test("a table of the members, who takes the writes, and the last backup", async () => {
        answers["galera-member status"] = { stdout: states() };
        const last = { name: "20261121T022500Z", member: "db-2", time: "", bytes: 1 };
        answers["database-backup status"] = { stdout: JSON.stringify({ last, count: 3, atWork: [] }) };
        const { exitCode, stdout } = await db(["status"]);
        expect(stdout).toMatchInlineSnapshot(`
          "member          process  primary  state   seqno  queue  health
          db-0    writer  running  yes      synced  7      0      well
          db-1            running  yes      synced  7      0      well
          db-2            running  yes      synced  7      0      well

          backups: the last good one is 20261121T022500Z, by db-2; 3 kept"
        `);
        expect(exitCode).toBe(0);
    });

    test("a member that is not well shows, and the exit code is 2", async () => {
        answers["galera-member status"] = {
            stdout: states({
                "db-0": null,
                "db-1": { ...WELL, writer: "db-1" },
                "db-2": { ...WELL, state: 1, problem: "not synced (joining)" },
            }),
        };
        answers["database-backup status"] = { exitCode: 127 };
        const { exitCode, stdout } = await db(["status"]);
        expect(stdout).toMatch(/db-0 .*does not answer/);
        expect(stdout).toMatch(/db-1 +writer .*well/);
        expect(stdout).toMatch(/db-2 .*not synced \(joining\)/);
        expect(exitCode).toBe(2);
    });

    test("as JSON, for programs", async () => {
        answers["galera-member status"] = { stdout: states() };
        answers["database-backup status"] = { exitCode: 127 };
        expect(JSON.parse((await db(["status", "--json"])).stdout)).toMatchObject({
            kind: "galera",
            writer: "db-0",
            members: { "db-1": WELL },
            backups: null,
        });
    });

    test("a host that is away: the next one is asked", async () => {
        answers["galera-member status"] = { stdout: states({ "db-0": null }) };
        answers["database-backup status"] = { exitCode: 127 };
        const hosts = [host("db-0", { port: 1 }), host("db-1"), host("db-2")];
        expect((await db(["status"], cluster(hosts))).exitCode).toBe(2);
    });

    test("members of a replicated cluster are shown as they tell themselves", async () => {
        const primary = { role: "primary", epoch: 2, gtid: "0-1-9", lag: 0.1, problem: "" };
        const told = { errant: "1 transactions that only this host had are in a file, not merged" };
        const replica = {
            role: "replica",
            epoch: 2,
            gtid: "0-1-8",
            io: "Yes",
            sql: "Yes",
            lag: 9.5,
            ...told,
        };
        const older = votedBy("db-0 db-1 db-2", 1);
        const newer = votedBy("db-0 db-2 db-3", 2);
        answers["replicated-member status"] = {
            stdout: JSON.stringify({
                "db-0": { ...primary, ...newer },
                "db-1": { ...replica, ...older, problem: "lags 9 s" },
            }),
        };
        answers["database-backup status"] = { exitCode: 127 };
        const { exitCode, stdout } = await db(
            ["status"],
            cluster([host("db-0"), host("db-1")], "replicated"),
        );
        expect(stdout).toMatch(/member +votes +role +epoch +gtid +io +sql +lag +health/);
        expect(stdout).toMatch(/db-0 +writer +yes +primary +2 +0-1-9 +0.1 +well/);
        expect(stdout).toMatch(/db-1 +no +replica +2 +0-1-8 +Yes +Yes +9.5 +lags 9 s/);
        expect(stdout).toContain(`db-1: ${told.errant}`);
        expect(exitCode).toBe(2);
    });
});

describe("the way to the hosts", () => {
    test("a host that shows another key is refused, and runs nothing", async () => {
        const other = host("db-0", { hostKey: keyPair().publicKey });
        const { exitCode, stderr } = await db(["status"], cluster([other]));
        expect(stderr).toContain("db-0 (127.0.0.1) cannot be reached: it shows another host key");
        expect(exitCode).toBe(1);
        expect(server.executions).toEqual([]);
    });

    test("no host answers: each is told", async () => {
        const { exitCode, stderr } = await db(
            ["backups"],
            cluster([host("db-0", { port: 1 }), host("db-1", { port: 1 })]),
        );
        expect(stderr).toMatch(
            /db-0 \(127.0.0.1\) cannot be reached: .*\ndb-1 \(127.0.0.1\) cannot be reached/,
        );
        expect(exitCode).toBe(1);
    });

    test("the stack is chosen by --stack", async () => {
        answers["database-backup list"] = { stdout: "[]" };
        expect((await db(["--stack", "prod", "backups"])).stdout).toBe("There is no backup yet.");
        const { stdout } = await execa("cat", [join(folder, "arguments")]);
        expect(stdout).toBe("stack output --json --show-secrets --non-interactive --stack prod");
    });

    test("no such output, an output of another shape, a stack that is not there, no Pulumi", async () => {
        expect((await db(["status"], { url: "x" })).stderr).toContain(
            'has no output "database" (it has url)',
        );
        expect((await db(["status"], { database: 1 })).stderr).toContain(
            "is not { endpoint, hosts } of a cluster",
        );
        const failing = "#!/bin/sh\necho 'error: no stack named x found' >&2; exit 255\n";
        expect((await db(["status"], {}, failing)).stderr).toContain("no stack named x found");
        expect((await db(["status", "--cwd", join(folder, "nowhere")])).stderr).toContain(
            "there is no folder",
        );
        expect((await db(["status", "--output", "other"])).stderr).toContain('no output "other"');
    });
});

describe("backups", () => {
    test("one is made by a member that does not take the writes, and its progress shows", async () => {
        answers["galera-member status"] = { stdout: states({ "db-2": null }) };
        answers["database-backup now"] = { stderr: "reading 9 bytes back\nwhole\n" };
        const { exitCode, stderr } = await db(["backup"]);
        expect(stderr).toBe("db-1: reading 9 bytes back\ndb-1: whole");
        expect(exitCode).toBe(0);
    });

    test("one that fails is an error", async () => {
        answers["galera-member status"] = { stdout: states() };
        answers["database-backup now"] = { stderr: "database-backup: the storage is full\n", exitCode: 1 };
        const { exitCode, stderr } = await db(["backup"]);
        expect(stderr).toContain("db-2: database-backup: the storage is full");
        expect(exitCode).toBe(1);
    });

    test("they are listed", async () => {
        const one = { name: "20261121T022500Z", member: "db-2", time: "", bytes: 2_500_000 };
        answers["database-backup list"] = { stdout: JSON.stringify([one]) };
        expect((await db(["backups"])).stdout).toBe(
            "backup            by    size\n20261121T022500Z  db-2  2.5 MB",
        );
    });
});

describe("restore", () => {
    const meant = ["--confirm", "db"];

    test("without the cluster's name nothing happens", async () => {
        for (const args of [[], ["--confirm", "other"]]) {
            const { exitCode, stderr } = await db(["restore", ...args]);
            expect(stderr).toContain("If that is meant: --confirm db");
            expect(exitCode).toBe(1);
        }
        expect(server.connections).toBe(0);
    });

    test("one host fetches, all stop, the one begins, the others follow one after the other", async () => {
        const { exitCode } = await db(["restore", "20261121T022500Z", ...meant]);
        expect(exitCode).toBe(0);
        expect(commands().filter((each) => each !== "true")).toEqual([
            "database-backup fetch '20261121T022500Z'",
            ...Array(3).fill("database-backup stop --confirm 'db'"),
            "database-backup restore '20261121T022500Z' --confirm 'db'",
            ...Array(2).fill("database-backup follow --confirm 'db'"),
        ]);
    });

    test("a replicated cluster ships its newest logs first, and has a backup of what was restored", async () => {
        const hosts = ["db-0", "db-1"].map((name) => host(name));
        answers["replicated-member status"] = { stdout: JSON.stringify({ "db-0": null, "db-1": null }) };
        const { exitCode } = await db(["restore", "--until", "now", ...meant], cluster(hosts, "replicated"));
        expect(exitCode).toBe(0);
        expect(commands().filter((each) => each !== "true")).toEqual([
            "replicated-member status",
            "database-backup fetch --until 'now'",
            ...Array(2).fill("database-backup ship"),
            ...Array(2).fill("database-backup stop --confirm 'db'"),
            "database-backup restore --until 'now' --confirm 'db'",
            "database-backup follow --confirm 'db'",
            "database-backup now",
        ]);
    });

    test("one host of a replicated cluster elects nobody: nothing is stopped", async () => {
        const left = ["--without", "db-1", "db-2"];
        const replicated = cluster(undefined, "replicated");
        const nobodyKnows = JSON.stringify({ "db-0": null, "db-1": null, "db-2": null });
        const three = JSON.stringify({ "db-0": votedBy("db-0 db-1 db-2"), "db-1": null });
        for (const stdout of [nobodyKnows, three]) {
            answers["replicated-member status"] = { stdout };
            const { exitCode, stderr } = await db(["restore", ...meant, ...left], replicated);
            expect(stderr).toContain(
                "A majority of db-0, db-1, db-2 elects a primary, and of these 1 would be there.",
            );
            expect(exitCode).toBe(1);
        }
        expect(commands().join()).not.toContain("database-backup");
        // It goes on alone: a person has permitted that.
        answers["replicated-member status"] = { stdout: JSON.stringify({ "db-0": votedBy("db-0", 9) }) };
        expect((await db(["restore", ...meant, ...left], replicated)).exitCode).toBe(0);
    });

    test("a replicated cluster begins on a host that votes", async () => {
        const hosts = ["db-0", "db-1", "db-2", "db-3"].map((name) => host(name));
        answers["replicated-member status"] = {
            stdout: JSON.stringify({ "db-0": votedBy("db-1 db-2 db-3", 4), "db-1": null }),
        };
        const refused = await db(
            ["restore", ...meant, "--on", "db-0"],
            cluster(hosts.toReversed(), "replicated"),
        );
        expect(refused.stderr).toContain(
            "db-0 has no vote, and would not be elected: begin on db-1 or db-2 or db-3.",
        );
        expect(commands().join()).not.toContain("database-backup");
        const { stderr } = await db(["restore", ...meant], cluster(hosts, "replicated"));
        expect(stderr).toContain("db-1 begins with the backup");
    });

    test("a host that is away: nothing is stopped, unless it is gone for good", async () => {
        const hosts = [host("db-0"), host("db-1"), host("db-2", { port: 1 })];
        const refused = await db(["restore", ...meant], cluster(hosts));
        expect(refused.stderr).toContain("Nothing was stopped. If it is gone for good: --without db-2");
        expect(refused.exitCode).toBe(1);
        expect(commands().filter((each) => each !== "true")).toEqual([]);
        const done = await db(["restore", ...meant, "--without", "db-2"], cluster(hosts));
        expect(done.stderr).toContain("When db-2 is back: database-backup follow");
        expect(done.exitCode).toBe(0);
    });

    test("a backup that cannot be fetched stops nobody", async () => {
        answers["database-backup fetch"] = { stderr: "database-backup: there is no backup x\n", exitCode: 1 };
        const { exitCode, stderr } = await db(["restore", "x", ...meant]);
        expect(stderr).toContain("there is no backup x");
        expect(exitCode).toBe(1);
        expect(commands().join()).not.toContain("stop");
    });
});

test("what a Galera cluster has no use for is told, with what to do instead", async () => {
    for (const [args, instead] of [
        [["switchover"], "has no primary to switch from"],
        [["promote", "db-1"], "needs no promotion"],
        [["reseed", "db-1"], "seeds its members by itself"],
    ] as const) {
        const { exitCode, stderr } = await db([...args]);
        expect(stderr).toContain(instead);
        expect(exitCode).toBe(1);
    }
    expect(server.connections).toBe(0);
});

test("a replicated cluster's member does it", async () => {
    const replicated = cluster(
        ["db-0", "db-1"].map((name) => host(name)),
        "replicated",
    );
    expect((await db(["switchover", "db-1"], replicated)).exitCode).toBe(0);
    expect((await db(["reseed", "db-1"], replicated)).exitCode).toBe(0);
    expect((await db(["promote", "db-7"], replicated)).stderr).toContain(
        'has no host "db-7": it has db-0, db-1',
    );
    expect((await db(["promote", "db-1", "--accept-loss"], replicated)).exitCode).toBe(0);
    expect(commands()).toEqual([
        "replicated-member switchover 'db-1'",
        "replicated-member reseed",
        "replicated-member promote --accept-loss",
    ]);
});
