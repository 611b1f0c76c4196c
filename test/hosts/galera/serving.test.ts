import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { commandsOn } from "../../support/commands.ts";
import { writeTo } from "../../support/databases.ts";
import { succeeded } from "../../support/flagship.ts";
import { MEMBERS } from "../../support/replicated.ts";
import { makesRoutines } from "../../support/routines.ts";
import { sharedGalera } from "../../support/shared.ts";

const db = await sharedGalera();

const CLIENTS = ["web-0", "web-1"];

/** Whose session a client's is, as the member has it. */
async function session(client: string) {
    const user = await db.sql(client, "SELECT CURRENT_USER()");
    const address = await db.on("db-0", `getent hosts ${client} | cut -d ' ' -f 1`);
    return { user, address };
}

const logins = (host: string) =>
    db.on(host, "journalctl -q -o cat -t sshd | grep -c '^Accepted publickey for root ' || true");

describe("serving", () => {
    test("a row that one client writes is read by the other, on every member", async () => {
        await db.sql("web-0", "CREATE OR REPLACE TABLE seen (who VARCHAR(20))");
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

    test("a client's user works from its own host alone, and may do nothing elsewhere", async () => {
        const accounts = await db.on(
            "db-0",
            "mariadb -N -e \"SELECT COUNT(*) FROM mysql.user WHERE user = 'shop'\"",
        );
        expect(accounts).toBe("2");
        await expect(db.sql("web-0", "CREATE DATABASE other")).rejects.toThrow("Access denied");
        const { address, user } = await session("web-0");
        expect(user).toBe(`shop@${address}`);
    });

    test("programs on a client speak no TLS, and nothing of theirs is readable on the network", async () => {
        const word = "tell-nobody-of-this-word";
        const script = readFileSync(new URL("../../support/sniff.py", import.meta.url), "utf8");
        await writeTo(db.cloud, "web-0", "/root/sniff.py", script);
        const ask = `mariadb --defaults-extra-file=/etc/evenkeel/databases/shop.cnf --skip-ssl -e "SELECT '${word}'" shop`;
        const [readable, others] = (
            await db.on("web-0", `python3 /root/sniff.py '${ask.replaceAll("'", "'\\''")}' ${word}`)
        )
            .split(" ")
            .map(Number);
        expect(readable).toBe(0);
        expect(others).toBeGreaterThan(5);
        // Who goes round HAProxy is refused without TLS, by the member's own port and by the gate.
        const plain =
            "timeout 5 mariadb --defaults-file=/root/client.cnf --skip-ssl --connect-timeout=3 -h db-0";
        await expect(db.on("web-0", `grep db-0 /etc/hosts && ${plain} -e 'SELECT 1'`)).rejects.toThrow(
            "Access denied",
        );
        await expect(
            db.on("web-0", `grep db-0 /etc/hosts && ${plain} -P 3309 -e 'SELECT 1'`),
        ).rejects.toThrow();
        expect(await db.sql("web-0", "SELECT @@require_secure_transport")).toBe("1");
    });

    test("an application has triggers and functions; tables whose rows would be on one member alone are refused", async () => {
        await makesRoutines(db, "web-0");
        for (const engine of ["MyISAM", "Aria"]) {
            const create = db.sql("web-0", `CREATE TABLE old_${engine} (n INT) ENGINE=${engine}`);
            await expect(create).rejects.toThrow("ERROR 1290");
        }
        expect(await db.on("db-1", "mariadb -N -e 'SELECT n FROM shop.orders_log'")).toBe("42");
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

    test("the gate shows the member's certificate", async () => {
        const shown = await db.on(
            "web-0",
            `timeout 5 openssl s_client -connect db-0:3309 -verify_hostname db-0 -CAfile ${db.connection.caFile} </dev/null 2>&1 || true`,
        );
        expect(shown).toContain("Verify return code: 0 (ok)");
    });

    test("a second up changes nothing and opens no SSH connection", async () => {
        const hosts = [...MEMBERS, ...CLIENTS];
        const before = await Promise.all(hosts.map(logins));
        succeeded(await db.stack.up("--expect-no-changes"));
        expect(await Promise.all(hosts.map(logins))).toEqual(before);
    });
});

test.each(commandsOn("galera"))("`$command` runs on $host as it is shown", async ({ command, host }) => {
    await db.on(host, command);
});

test("what is shown leaves the cluster well", () => db.synced(MEMBERS));
