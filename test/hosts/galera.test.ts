import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { succeeds, within } from "../../tools/waiting.ts";
import { power } from "../faults/hosts.ts";
import { type DatabaseStack, deployDatabase } from "../support/databases.ts";
import { editFile, succeeded } from "../support/flagship.ts";

const MEMBERS = ["db-0", "db-1", "db-2"];
const CLIENTS = ["web-0", "web-1"];

let db: DatabaseStack;
beforeAll(async () => {
    db = await deployDatabase("test-galera", "examples/galera-cluster");
});
afterAll(async () => db?.remove());

const logins = (host: string) => db.on(host, "journalctl -q -o cat -t sshd | grep -c '^Accepted' || true");

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
        const made = (await Promise.all(["db-0", "db-1"].map(copies))).map(Number);
        const steps =
            "journalctl -q -o short-precise -u mariadb -u evenkeel-galera | grep -E 'SST|copy|MariaDB' | tail -n 30";
        const told = await Promise.all(MEMBERS.map((member) => db.on(member, steps)));
        expect(
            made.reduce((sum, one) => sum + one),
            `copies made by db-0 and db-1: ${made.join(" and ")}\n${told.join("\n\n")}`,
        ).toBe(1);
        expect(await held("db-2")).toBe(await held("db-0"));
        expect(await db.on("db-2", "mariadb -N -e 'SELECT user FROM mysql.user'")).not.toContain("somebody");
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

describe("hosts that are taken", () => {
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
});

describe("an outage of all", () => {
    test("while a member does not come back, the others wait for it", async () => {
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
