import { readFileSync } from "node:fs";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findHost } from "../../local/commands/hosts.ts";
import { containerName } from "../../local/machines/container.ts";
import { within } from "../../tools/waiting.ts";
import { type DatabaseStack, deployDatabase, lostRows, startWriter } from "../support/databases.ts";
import { editFile, succeeded } from "../support/flagship.ts";

const MEMBERS = ["db-0", "db-1", "db-2"];

let db: DatabaseStack;
beforeAll(async () => {
    db = await deployDatabase("test-galera-changes", "examples/galera-cluster");
});
afterAll(async () => db?.remove());

describe("changes", () => {
    const setting = "settings: { max_connections: 90 }, hostCount";

    const connections = (member: string) => db.on(member, "mariadb -N -e 'SELECT @@max_connections'");
    let undo: () => void;

    test("one changed setting is one line per member, rolled out while rows are written", async () => {
        const writer = await startWriter(db, "web-0", "rolled");
        undo = editFile(`${db.stack.folder}/index.ts`, "hostCount", setting);
        const preview = succeeded(await db.stack.preview("--diff"));
        expect(preview.match(/- max_connections = 80/g)).toHaveLength(3);
        expect(preview.match(/\+ max_connections = 90/g)).toHaveLength(3);
        succeeded(await db.stack.up());
        const written = await writer.stop();
        expect(await lostRows(db, "web-0", "rolled", written)).toEqual([]);
        // One for the session that the writer's own restart ends.
        expect(written.errors.length, written.errors.join("\n")).toBeLessThan(5);
        for (const member of MEMBERS) expect(await connections(member), member).toBe("90");
    });

    test("the writer dies while its change is rolled back: no row is lost, and `up` waits, or says for whom", async () => {
        const writer = await startWriter(db, "web-0", "rolled_back");
        undo();
        const roll = db.stack.up();
        await within(
            120,
            "the first member to be rolled",
            async () => (await connections("db-2").catch(() => "")) === "80",
        );
        await db.on("db-0", "systemctl kill --signal=KILL mariadb");
        const { exitCode, output } = await roll;
        if (exitCode !== 0) {
            expect(output).toMatch(
                /evenkeel: db-\d: role galera: [\s\S]*db-\d is not Synced: a restart of this member now/,
            );
        }
        await db.synced(MEMBERS, 120);
        succeeded(await db.stack.up());
        for (const member of MEMBERS) expect(await connections(member), member).toBe("80");
        const written = await writer.stop();
        expect(await lostRows(db, "web-0", "rolled_back", written)).toEqual([]);
    });

    test("a member that dies as its restart begins is restarted all the same", async () => {
        const restart = "/usr/local/lib/evenkeel/galera-member restart";
        // Held, its daemon does not start it before that.
        const held = "mkdir -p /run/evenkeel && touch /run/evenkeel/galera.hold";
        await db.on("db-1", `${held} && pkill --signal=KILL --exact mariadbd && sleep 1 && ${restart}`);
        await db.synced(MEMBERS);
    });

    test("a setting that MariaDB does not know: one error, the former file is back, and nobody was restarted", async () => {
        const undo = editFile(
            `${db.stack.folder}/index.ts`,
            "hostCount",
            "settings: { max_conections: 90 }, hostCount",
        );
        const started = () => db.on("db-2", "systemctl show -P ActiveEnterTimestampMonotonic mariadb");
        const before = await started();
        const { exitCode, output } = await db.stack.up();
        undo();
        expect(exitCode).not.toBe(0);
        expect(output).toMatch(/evenkeel: db-2: role galera: .*was refused by mariadbd/);
        expect(output).toContain("unknown variable 'max_conections=90'");
        expect(await started()).toBe(before);
        succeeded(await db.stack.up());
    });
});

describe("a minor upgrade", () => {
    const NEXT = "10.11.19-0+deb12u1+rebuilt";
    const versions = () =>
        Promise.all(MEMBERS.map((member) => db.on(member, `dpkg-query -W -f '\${Version}' mariadb-server`)));

    test("that no archive has: one error, and nobody was restarted", async () => {
        const undo = editFile(`${db.stack.folder}/index.ts`, "hostCount", 'version: "10.11.99", hostCount');
        const { exitCode, output } = await db.stack.up();
        undo();
        expect(exitCode).not.toBe(0);
        expect(output).toMatch(
            /MariaDB is not upgraded: no archive of this host has version 10\.11\.99, but 1:10\.11\./,
        );
        await db.synced(MEMBERS);
        succeeded(await db.stack.up());
    });

    test("is one line per member, rolled out while rows are written, the writer last", async () => {
        const script = readFileSync(new URL("../support/rebuiltPackages.sh", import.meta.url), "utf8");
        await db.on("db-0", `bash -s /srv/rebuilt '${NEXT}' <<'END'\n${script}\nEND`);
        for (const member of ["db-1", "db-2"]) {
            const [from, to] = ["db-0", member].map((host) =>
                containerName(db.cloud.name, findHost(db.cloud, host).id),
            );
            const list = "/etc/apt/sources.list.d/rebuilt.list";
            await execa("bash", [
                "-c",
                `podman exec ${from} tar -C / -c srv/rebuilt ${list.slice(1)} | podman exec -i ${to} tar -C / -x`,
            ]);
        }
        const undo = editFile(`${db.stack.folder}/index.ts`, "hostCount", `version: "${NEXT}", hostCount`);
        const preview = succeeded(await db.stack.preview("--diff"));
        expect(preview.match(/\+ 10\.11\.19-0\+deb12u1\+rebuilt/g)).toHaveLength(3);
        const writer = await startWriter(db, "web-0", "upgraded");
        succeeded(await db.stack.up());
        const written = await writer.stop();
        expect(await versions()).toEqual(MEMBERS.map(() => `1:${NEXT}`));
        expect(await lostRows(db, "web-0", "upgraded", written)).toEqual([]);
        expect(written.errors.length, written.errors.join("\n")).toBeLessThan(5);
        const started = async (member: string) =>
            Number(await db.on(member, 'date -d "$(systemctl show -P ActiveEnterTimestamp mariadb)" +%s'));
        expect(await started("db-2")).toBeLessThan(await started("db-1"));
        expect(await started("db-1")).toBeLessThan(await started("db-0"));
        await db.synced(MEMBERS);
        expect(await db.on("db-1", "systemctl is-enabled mariadb || true")).toBe("disabled");
        succeeded(await db.stack.up("--expect-no-changes"));
        undo();
        succeeded(await db.stack.up());
    });
});

test("a MariaDB of another series does not join: the roll stops there and says why", async () => {
    const other = "/usr/local/sbin/mariadbd";
    await db.on(
        "db-2",
        `printf '#!/bin/sh\n[ "$*" = --version ] && echo "mariadbd  Ver 11.4.2-MariaDB" || exec /usr/sbin/mariadbd "$@"\n' >${other}; chmod 755 ${other}`,
    );
    const undo = editFile(
        `${db.stack.folder}/index.ts`,
        "hostCount",
        "settings: { max_connections: 90 }, hostCount",
    );
    const { exitCode, output } = await db.stack.up();
    undo();
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/evenkeel: db-2: role galera: evenkeel-galera-restart did not take its new files/);
    expect(output).toMatch(
        /it does not join: this host has MariaDB 11\.4\.2, but db-\d has 10\.11\.\d+: members are of one series; install 10\.11 here/,
    );
    expect(await db.on("db-2", "systemctl is-active mariadb || true")).toBe("inactive");
    await db.synced(["db-0", "db-1"]);
    expect(await db.sql("web-0", "SELECT @@max_connections")).toBe("80");
    await db.on("db-2", `rm ${other}`);
    await db.synced(MEMBERS);
    succeeded(await db.stack.up());
});

test("three become five and three again while rows are written: none is lost, and nobody there is restarted", async () => {
    const started = () =>
        Promise.all(
            MEMBERS.map((member) => db.on(member, "systemctl show -P ActiveEnterTimestampMonotonic mariadb")),
        );
    const before = await started();
    const writer = await startWriter(db, "web-0", "grown");
    await db.stack.pulumi("config", "set", "databaseHosts", "5");
    succeeded(await db.stack.up());
    await db.synced([...MEMBERS, "db-3", "db-4"]);
    expect(await db.on("db-4", "mariadb -N -e 'SHOW STATUS LIKE \"wsrep_cluster_size\"'")).toContain("5");
    await db.stack.pulumi("config", "set", "databaseHosts", "3");
    succeeded(await db.stack.up());
    await db.synced(MEMBERS);
    const written = await writer.stop();
    expect(await lostRows(db, "web-0", "grown", written)).toEqual([]);
    expect(written.errors).toEqual([]);
    expect(await started()).toEqual(before);
});
