import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findHost } from "../../local/commands/hosts.ts";
import { containerName } from "../../local/machines/container.ts";
import { succeeds, within } from "../../tools/waiting.ts";
import { power } from "../faults/hosts.ts";
import { type DatabaseStack, deployDatabase, lostRows, startWriter } from "../support/databases.ts";
import { editFile, succeeded } from "../support/flagship.ts";

const MEMBERS = ["db-0", "db-1", "db-2"];
const CLIENTS = ["web-0", "web-1"];

let db: DatabaseStack;
beforeAll(async () => {
    db = await deployDatabase("test-galera", "examples/galera-cluster");
});
afterAll(async () => db?.remove());

const logins = (host: string) => db.on(host, "journalctl -q -o cat -t sshd | grep -c '^Accepted' || true");

const killed = (host: string) => db.on(host, "systemctl kill --signal=KILL mariadb; sleep 0.2");

/** Waits until a client's rows go in again; the time since the call. */
async function writable(client: string, table: string, seconds = 60): Promise<number> {
    const start = performance.now();
    await within(
        seconds,
        "writes to be taken",
        async () => {
            const insert = db.sql(client, `REPLACE INTO ${table} (n) VALUES (1000000)`);
            return succeeds(insert);
        },
        100,
    );
    return performance.now() - start;
}

describe("serving", () => {
    test("a row that one client writes is read by the other, on every member", async () => {
        await db.sql("web-0", "CREATE TABLE seen (who VARCHAR(20))");
        await db.sql("web-0", "INSERT INTO seen VALUES ('web-0')");
        const { readPort } = db.connection;
        await expect.poll(() => db.sql("web-1", "SELECT who FROM seen", readPort)).toBe("web-0");
        for (const member of MEMBERS) {
            expect(await db.on(member, "mariadb -N -e 'SELECT who FROM shop.seen'")).toBe("web-0");
        }
    });

    test("writes go to the preferred member, reads to all", async () => {
        const asked = async (port: number) => {
            const names = new Set<string>();
            for (let i = 0; i < 12; i++) names.add(await db.sql("web-0", "SELECT @@hostname", port));
            return [...names].sort();
        };
        expect(await asked(db.connection.port)).toEqual(["db-0"]);
        expect(await asked(db.connection.readPort)).toEqual(MEMBERS);
    });

    test("a client's user is encrypted, works from its own host alone, and may do nothing elsewhere", async () => {
        expect(await db.sql("web-0", "SHOW STATUS LIKE 'Ssl_version'")).toContain("TLSv1.3");
        const accounts = await db.on(
            "db-0",
            "mariadb -N -e \"SELECT COUNT(*) FROM mysql.user WHERE user = 'shop'\"",
        );
        expect(accounts).toBe("2");
        await expect(db.sql("web-0", "CREATE DATABASE other")).rejects.toThrow("Access denied");
        const plain = "mariadb --defaults-file=/root/client.cnf --skip-ssl -h db-0 -e 'SELECT 1'";
        await expect(db.on("web-0", `grep db-0 /etc/hosts && ${plain}`)).rejects.toThrow("Access denied");
        expect(await db.sql("web-0", "SELECT @@require_secure_transport")).toBe("1");
    });

    test("MariaDB answers on the private address only, and members speak TLS with each other", async () => {
        const listening = await db.on("db-0", "ss -Hltn 'sport = 3306' | awk '{ print $4 }'");
        expect(listening).toMatch(/^10\.[\d.]+:3306$/);
        const options = await db.on("db-0", 'mariadb -N -e "SELECT @@wsrep_provider_options"');
        expect(options).toContain("socket.ssl = YES");
        for (const port of [4567, 9200]) {
            const shown = await db.on(
                "db-1",
                `timeout 5 openssl s_client -connect db-0:${port} -CAfile /etc/mysql/tls/ca.pem </dev/null 2>&1 || true`,
            );
            expect(shown, String(port)).toContain("Verify return code: 0 (ok)");
        }
    });

    test("a second up changes nothing and opens no SSH connection", async () => {
        const hosts = [...MEMBERS, ...CLIENTS];
        const before = await Promise.all(hosts.map(logins));
        succeeded(await db.stack.up("--expect-no-changes"));
        expect(await Promise.all(hosts.map(logins))).toEqual(before);
    });
});

describe("a new cluster", () => {
    const copies = (member: string) =>
        db.on(member, "journalctl -q -o cat -u mariadb | grep -c 'Streaming the backup to joiner' || true");
    /** What a member has in MariaDB's own tables, but for statistics of its own. */
    const held = async (member: string) => {
        const tables = await db.on(
            member,
            `mariadb -N -e "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema IN ('mysql', 'sys') AND table_name NOT LIKE 'innodb%' ORDER BY 1"`,
        );
        expect(tables.split("\n").length).toBeGreaterThan(25);
        return db.on(member, `mariadb -N -e 'CHECKSUM TABLE ${tables.replaceAll("\n", ", ")}'`);
    };

    test("copies nothing: its members begin with the same rows, and hold the same after", async () => {
        for (const member of MEMBERS) {
            expect(await copies(member), member).toBe("0");
            expect(await db.on(member, "journalctl -q -o cat -u evenkeel-galera")).toContain(
                "holds what every new member of this cluster does",
            );
        }
        const [first, ...others] = await Promise.all(MEMBERS.map(held));
        for (const other of others) expect(other).toBe(first);
        for (const member of MEMBERS) {
            const login = `mariadb --defaults-file=/root/client.cnf -h ${member} -N -e 'SELECT @@hostname'`;
            expect(await db.on("web-0", login)).toBe(member);
        }
    });

    test("a new member that holds other rows takes a whole copy, and then has the same", async () => {
        await db.on(
            "db-2",
            `set -e
systemctl stop evenkeel-galera mariadb
rm -rf /var/lib/mysql/* /var/lib/evenkeel/galera.seeded
mariadb-install-db --user=mysql --skip-test-db --auth-root-authentication-method=socket >/dev/null
echo "INSERT INTO mysql.global_priv VALUES ('%', 'somebody', '{}');" | mariadbd --no-defaults --user=mysql --bootstrap
systemctl start evenkeel-galera`,
        );
        await db.synced(MEMBERS, 90);
        expect(await db.on("db-2", "journalctl -q -o cat -u evenkeel-galera")).toMatch(
            /copy: db-\d is in the primary component, and began with other rows than this host has/,
        );
        const made = await Promise.all(["db-0", "db-1"].map(copies));
        const journal = (member: string) => db.on(member, "journalctl -q -o cat -u mariadb -n 60");
        const told = made.includes("1") ? "" : (await Promise.all(MEMBERS.map(journal))).join("\n\n");
        expect(
            made.map(Number).reduce((sum, one) => sum + one),
            told,
        ).toBe(1);
        expect(await held("db-2")).toBe(await held("db-0"));
        expect(await db.on("db-2", "mariadb -N -e 'SELECT user FROM mysql.user'")).not.toContain("somebody");
    });
});

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
        expect(written.errors.length).toBeLessThan(5);
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
        await killed("db-0");
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
        expect(written.errors.length).toBeLessThan(5);
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

describe("clients", () => {
    /** Addresses from which each member lets the user in. */
    const accounts = () =>
        Promise.all(
            MEMBERS.map((member) =>
                db.on(member, "mariadb -N -e \"SELECT host FROM mysql.user WHERE user = 'shop'\" | sort"),
            ),
        );
    const address = (host: string) => db.on(host, `getent hosts ${host} | cut -d ' ' -f 1`);

    test("a host that is a client no more: no member knows its user, what it has open ends, and it gets no more", async () => {
        const [first, second] = await Promise.all(CLIENTS.map(address));
        for (const hosts of await accounts()) expect(hosts.split("\n")).toEqual([first, second].sort());
        const open = db.sql("web-1", "SELECT SLEEP(300)").then(
            () => "lasted",
            () => "ended",
        );
        const sessions = () =>
            db.on("db-0", `mariadb -N -e "SHOW PROCESSLIST" | grep -c 'shop.*${second}' || true`);
        await expect.poll(sessions).toBe("1");

        const undo = editFile(
            `${db.stack.folder}/index.ts`,
            "clients: web.hosts",
            "clients: [web.hosts[0]!]",
        );
        succeeded(await db.stack.up());
        expect(await accounts()).toEqual(MEMBERS.map(() => first));
        expect(await open).toBe("ended");
        await expect(db.sql("web-1", "SELECT 1")).rejects.toThrow(/Lost connection|Can't connect/);
        const ca = db.connection.caFile;
        const direct = `timeout 5 mariadb --defaults-file=/root/client.cnf --ssl-ca=${ca} -h db-0 -e 'SELECT 1'`;
        await expect(db.on("web-1", direct)).rejects.toThrow();
        // What a packet filter lets through is refused all the same.
        await db.on("db-0", `nft insert rule inet evenkeel input ip saddr ${second} accept`);
        await expect(db.on("web-1", direct)).rejects.toThrow(/is not allowed to connect|Access denied/);
        await db.on("db-0", "systemctl reload nftables");
        expect(await db.sql("web-0", "SELECT 1")).toBe("1");

        undo();
        succeeded(await db.stack.up());
        expect(await db.sql("web-1", "SELECT 1")).toBe("1");
    });

    test("a web host less: its user is gone on every member; one more again: it has its own", async () => {
        const undo = editFile(`${db.stack.folder}/index.ts`, "    files:", "    hostCount: 1,\n    files:");
        succeeded(await db.stack.up());
        expect(await accounts()).toEqual(await Promise.all(MEMBERS.map(() => address("web-0"))));
        undo();
        succeeded(await db.stack.up());
        const both = (await Promise.all(CLIENTS.map(address))).sort().join("\n");
        expect(await accounts()).toEqual(MEMBERS.map(() => both));
        await db.prepareClient("web-1");
        expect(await db.sql("web-1", "SELECT 1")).toBe("1");
    });
});

describe("hosts that do not fit", () => {
    test("of another cluster, or with a database of somebody's: refused, and nothing there is touched", async () => {
        // Its port is the endpoint's here.
        const theirs = "/etc/mysql/mariadb.conf.d/99-theirs.cnf";
        await db.on(
            "web-1",
            `mkdir -p /etc/mysql/mariadb.conf.d && printf '[mariadbd]\\nskip-networking\\n' >${theirs} && DEBIAN_FRONTEND=noninteractive apt-get -q -y install mariadb-server && mariadb -e 'CREATE DATABASE theirs; CREATE TABLE theirs.kept (n INT); INSERT INTO theirs.kept VALUES (7)'`,
        );
        const files = "/etc/mysql/tls /etc/mysql/mariadb.conf.d /etc/evenkeel/galera.json";
        const state = () =>
            Promise.all(
                MEMBERS.map((member) =>
                    db.on(
                        member,
                        `find ${files} -type f | sort | xargs sha256sum; systemctl show -P ActiveEnterTimestampMonotonic mariadb; cat /var/lib/mysql/grastate.dat`,
                    ),
                ),
            );
        const untouched = await state();
        const refused = async (cluster: string) => {
            const undo = editFile(`${db.stack.folder}/index.ts`, "const shop", `${cluster};\n\nconst shop`);
            const { exitCode, output } = await db.stack.up();
            undo();
            expect(exitCode).not.toBe(0);
            return output;
        };
        const other = 'new evenkeel.GaleraCluster("other", { hosts: db.hosts, deletionProtection: false })';
        expect(await refused(other)).toMatch(
            /evenkeel: db-\d: role galera-member: .* was refused by \S*galera-member; nothing was changed on this host\.\s+this host belongs to the cluster db: its data is not touched/,
        );
        const owned =
            'new evenkeel.GaleraCluster("theirs", { hosts: [web.hosts[1]!], deletionProtection: false })';
        expect(await refused(owned)).toMatch(
            /evenkeel: web-1: role galera-member: [\s\S]*\/var\/lib\/mysql holds a database, which joining would overwrite: move it away first/,
        );
        expect(await state()).toEqual(untouched);
        expect(await db.on("web-1", "mariadb -N -e 'SELECT n FROM theirs.kept'")).toBe("7");
        succeeded(await db.stack.up());
        await db.synced(MEMBERS);
    });

    test("with a MariaDB of another series: it does not join, the roll stops there and says why", async () => {
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
        expect(output).toMatch(
            /evenkeel: db-2: role galera: evenkeel-galera-restart did not take its new files/,
        );
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
});

describe("members", () => {
    test("three become five and three again while rows are written: none is lost, and nobody there is restarted", async () => {
        const started = () =>
            Promise.all(
                MEMBERS.map((member) =>
                    db.on(member, "systemctl show -P ActiveEnterTimestampMonotonic mariadb"),
                ),
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
});

describe("outages", () => {
    test("the writer is killed: writes go on at another member, and no row is lost", async () => {
        const writer = await startWriter(db, "web-0", "crash");
        await killed("db-0");
        await db.synced(MEMBERS);
        const written = await writer.stop();
        expect(await lostRows(db, "web-0", "crash", written)).toEqual([]);
        expect(written.gapMs).toBeLessThan(10_000);
    });

    test("all members are killed at once: they find each other again, and no row is lost", async () => {
        const writer = await startWriter(db, "web-0", "blackout");
        await Promise.all(MEMBERS.map(killed));
        await writable("web-1", "blackout", 30);
        const written = await writer.stop();
        expect(await lostRows(db, "web-0", "blackout", written)).toEqual([]);
        await db.synced(MEMBERS);
    });

    test("all hosts are shut down one after the other, and start again: the last one to leave begins", async () => {
        const writer = await startWriter(db, "web-0", "shutdown");
        for (const member of MEMBERS) await power(db, member, "down");
        await sleep(500);
        const written = await writer.stop();
        for (const member of MEMBERS) await power(db, member, "on");
        await writable("web-1", "shutdown");
        expect(await lostRows(db, "web-0", "shutdown", written)).toEqual([]);
        await db.synced(MEMBERS);
    });

    test("while a member does not come back after an outage of all, the others wait for it", async () => {
        await db.sql("web-0", "CREATE TABLE waiting (n INT PRIMARY KEY)");
        await Promise.all(MEMBERS.map((member) => power(db, member, "off")));
        await power(db, "db-0", "on");
        await power(db, "db-1", "on");
        const told = () => db.on("db-0", "journalctl -q -o cat -b -u evenkeel-galera");
        await expect.poll(told, { timeout: 60_000 }).toContain("db-2 does not answer");
        expect(await db.on("db-0", "systemctl is-active mariadb || true")).toBe("inactive");
        await power(db, "db-2", "on");
        await writable("web-0", "waiting");
        await db.synced(MEMBERS);
    });

    test("with permission, a majority begins without the rest, and who comes back later joins it", async () => {
        const undo = editFile(
            `${db.stack.folder}/index.ts`,
            "hostCount",
            "recoverWithMajority: true, hostCount",
        );
        succeeded(await db.stack.up());
        await db.sql("web-0", "CREATE TABLE majority (n INT PRIMARY KEY)");
        await Promise.all(MEMBERS.map((member) => power(db, member, "off")));
        await power(db, "db-0", "on");
        await power(db, "db-1", "on");
        await writable("web-0", "majority");
        await power(db, "db-2", "on");
        await db.synced(MEMBERS);
        undo();
        succeeded(await db.stack.up());
    });
});

test("destroy is refused while the cluster is protected; even without a preview its rows stay", async () => {
    const hosts = async () => {
        const { droplets } = (await db.api("GET", "/v2/droplets")) as {
            droplets: { id: number; name: string }[];
        };
        const members = droplets.filter(({ name }) => MEMBERS.includes(name));
        return members.map(({ id }) => id).sort();
    };
    await db.on(
        "db-0",
        "mariadb -e 'CREATE TABLE shop.kept (n INT PRIMARY KEY); INSERT INTO shop.kept VALUES (7)'",
    );
    const before = await hosts();
    const refused = await db.stack.pulumi("destroy", "--yes");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toContain("protected");
    succeeded(await db.stack.up("--expect-no-changes"));

    const { exitCode } = await db.stack.destroy();
    expect(exitCode).not.toBe(0);
    expect(await hosts()).toEqual(before);
    succeeded(await db.stack.up());
    await db.synced(MEMBERS);
    expect(await hosts()).toEqual(before);
    expect(await db.on("db-1", "mariadb -N -e 'SELECT n FROM shop.kept'")).toBe("7");
});
