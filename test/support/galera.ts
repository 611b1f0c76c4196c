import { expect } from "vitest";
import type { DatabaseStack } from "./databases.ts";

/** How many copies of all rows a member has made for others. Who says so is gone so soon that the journal may not know its unit. */
export const copies = (db: DatabaseStack, member: string) =>
    db.on(member, "journalctl -q -o cat | grep -c 'Streaming the backup to joiner' || true");

/** What a member has in MariaDB's own tables, but for statistics of its own. */
export const held = async (db: DatabaseStack, member: string) => {
    const tables = await db.on(
        member,
        `mariadb -N -e "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema IN ('mysql', 'sys') AND table_name NOT LIKE 'innodb%' ORDER BY 1"`,
    );
    expect(tables.split("\n").length).toBeGreaterThan(25);
    return db.on(member, `mariadb -N -e 'CHECKSUM TABLE ${tables.replaceAll("\n", ", ")}'`);
};
