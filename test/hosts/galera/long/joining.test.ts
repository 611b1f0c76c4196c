import { expect, test } from "vitest";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { copies, held } from "../../../support/galera.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();

test("a new member that holds other rows takes a whole copy, and then has the same", async () => {
    const copiesMade = () =>
        Promise.all(["db-0", "db-1"].map(async (each) => Number(await copies(db, each))));
    const before = await copiesMade();
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
    const made = (await copiesMade()).map((count, i) => count - before[i]!);
    const steps =
        "journalctl -q -o short-precise -u mariadb -u evenkeel-galera | grep -E 'SST|copy|MariaDB' | tail -n 30";
    const told = await Promise.all(MEMBERS.map((member) => db.on(member, steps)));
    expect(
        made.reduce((sum, one) => sum + one),
        `copies made by db-0 and db-1: ${made.join(" and ")}\n${told.join("\n\n")}`,
    ).toBe(1);
    expect(await held(db, "db-2")).toBe(await held(db, "db-0"));
    expect(await db.on("db-2", "mariadb -N -e 'SELECT user FROM mysql.user'")).not.toContain("somebody");
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
    expect(output).toMatch(
        /evenkeel: db-2: role db-galera: evenkeel-galera-restart did not take its new files/,
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
