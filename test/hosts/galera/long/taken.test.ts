import { describe, expect, test } from "vitest";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();

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
        expect(await refused(other)).toContain(
            'hosts: MariaDB on the host "db-0" belongs to GaleraCluster "db"',
        );
        const owned =
            'new evenkeel.GaleraCluster("theirs", { hosts: [web.hosts[1]!], singlePointOfFailure: true, deletionProtection: false })';
        expect(await refused(owned)).toMatch(
            /evenkeel: web-1: role theirs-member: [\s\S]*\/var\/lib\/mysql holds a database, which joining would overwrite: move it away first/,
        );
        expect(await state()).toEqual(untouched);
        expect(await db.on("web-1", "mariadb -N -e 'SELECT n FROM theirs.kept'")).toBe("7");
        succeeded(await db.stack.up());
        await db.synced(MEMBERS);
    });
});
