import { expect, test } from "vitest";
import { copies, held } from "../../support/galera.ts";
import { MEMBERS } from "../../support/replicated.ts";
import { sharedGalera } from "../../support/shared.ts";

/** What is true of a cluster to which nothing has happened yet: by its name this file is the first one. */
const db = await sharedGalera();

test("a new cluster copies nothing: its members begin with the same rows, and hold the same after", async () => {
    for (const member of MEMBERS) {
        expect(await copies(db, member), member).toBe("0");
        expect(await db.on(member, "journalctl -q -o cat -u evenkeel-galera")).toContain(
            "holds what every new member of this cluster does",
        );
    }
    const [first, ...others] = await Promise.all(MEMBERS.map((member) => held(db, member)));
    for (const other of others) expect(other).toBe(first);
    for (const member of MEMBERS) {
        const login = `mariadb --defaults-file=/root/client.cnf --ssl-ca=${db.connection.caFile} -h ${member} -N -e 'SELECT @@hostname'`;
        expect(await db.on("web-0", login)).toBe(member);
    }
});
