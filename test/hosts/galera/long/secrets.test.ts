import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { recorded, secretsIn } from "../../../support/recorded.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import {
    expectNoneInState,
    givenAway,
    holders,
    inFiles,
    journal,
    openFiles,
    processes,
    sampleProcesses,
    search,
} from "../../../support/secretSearch.ts";
import { sharedGalera } from "../../../support/shared.ts";

/** A cluster deployed, changed, and changed to something that fails; then everything is searched for its secrets. */
const CLIENTS = ["web-0", "web-1"];
const HOSTS = [...MEMBERS, ...CLIENTS];

const db = await sharedGalera();
let secrets: Record<string, string[]>;
const searched = () => ({ ...db, secrets });
/** What the engine printed, by command. */
const printed: Record<string, string> = {};
/** Command lines and environments of processes on the hosts, while roles ran. */
let seen = new Set<string>();
let unlog = () => {};

beforeAll(async () => {
    const edit = (from: string, to: string) => editFile(`${db.stack.folder}/index.ts`, from, to);
    const sampling = sampleProcesses(db);
    // Every member is restarted with a log of all statements; a client goes and comes, and with it its user.
    const logged = "settings: { slow_query_log: true, long_query_time: 0 }, hostCount";
    unlog = edit("hostCount", logged);
    const undo = edit("clients: web.hosts", "clients: [web.hosts[0]!]");
    printed["preview --diff"] = succeeded(await db.stack.preview("--diff"));
    printed["up --diff"] = succeeded(await db.stack.up("--diff"));
    undo();
    const restore = edit("slow_query_log", "slow_querry_log");
    const failed = await db.stack.up();
    restore();
    expect(failed.exitCode, failed.output).not.toBe(0);
    printed["up that fails"] = failed.output;
    printed["up after it"] = succeeded(await db.stack.up());
    seen = await sampling.stop();
    secrets = secretsIn(await recorded(db.stack));
});
afterAll(async () => {
    unlog();
    succeeded(await db.stack.up());
});

test("there are secrets to look for, and looking finds them", async () => {
    const keys = HOSTS.map((host) => `${host}-host-key`);
    const certified = MEMBERS.map((member) => `${member}-member-key`);
    expect(Object.keys(secrets).sort()).toEqual(
        [
            ...["backups-key", "backups-password"],
            ...["db-ca-key", "shop-password", "shop-ssh-key", ...certified, ...keys],
        ].sort(),
    );
    expect(givenAway(searched(), await db.on("db-0", "cat /etc/mysql/tls/key.pem"))).toEqual([
        "db-0-member-key",
    ]);
    expect(givenAway(searched(), await db.on("db-0", "cat /etc/evenkeel/databases/shop.password"))).toEqual([
        "shop-password",
    ]);
});

test("the engine prints none, and its state holds none in plain", async () => {
    for (const [command, output] of Object.entries(printed))
        expect(givenAway(searched(), output), command).toEqual([]);
    await expectNoneInState(searched());
});

test("no process on a host shows one, in its arguments or its environment, while roles run or after", async () => {
    for (const program of ["mariadbd", "database-grants", "haproxy"])
        expect(
            [...seen].some((text) => text.includes(program)),
            `${program} was seen at work`,
        ).toBe(true);
    for (const text of seen) expect(givenAway(searched(), text), text.replaceAll("\0", " ")).toEqual([]);
    for (const host of HOSTS) expect(await search(searched(), host, processes), host).toEqual([]);
});

describe.each(HOSTS)("%s", (host) => {
    const isMember = MEMBERS.includes(host);

    test("tells none: not to its journal, nor to others than root", async () => {
        expect(await search(searched(), host, journal)).toEqual([]);
        // MariaDB reads its key as its own user.
        const own = isMember ? ["/etc/mysql/tls/key.pem"] : [];
        expect(await search(searched(), host, openFiles)).toEqual(own);
        if (isMember) expect(await db.on(host, `stat -c '%a %U:%G' ${own[0]}`)).toBe("640 root:mysql");
    });

    test("holds no more than it needs", async () => {
        const held = await holders(searched(), host);
        expect(held["db-ca-key"]).toEqual([]);
        for (const member of MEMBERS)
            expect(held[`${member}-member-key`], member).toEqual(
                member === host ? ["/etc/evenkeel/gate.pem", "/etc/mysql/tls/key.pem"] : [],
            );
        const onMembers = (file: string) => (isMember ? [file] : []);
        expect(held["backups-key"]).toEqual(onMembers("/etc/evenkeel/backups/backups/key"));
        expect(held["backups-password"]).toEqual(
            onMembers("/etc/evenkeel/backups/backups/repository.password"),
        );
        // On clients it is this test's own doing: in programs of theirs it is wherever they keep it.
        expect(held["shop-password"]).toEqual(
            isMember
                ? ["/etc/evenkeel/databases/shop.password"]
                : ["/etc/evenkeel/databases/shop.cnf", "/root/client.cnf", "/root/password"],
        );
    });
});

test("MariaDB wrote no password to its data, nor to any of its logs, while all statements were logged", async () => {
    expect(await db.on("db-0", "cat /var/lib/mysql/*-slow.log")).toContain("CREATE USER");
    const files = inFiles("find /var/lib/mysql /var/log -type f");
    for (const member of MEMBERS)
        expect(await search(searched(), member, files, ["shop-password"]), member).toEqual([]);
});
