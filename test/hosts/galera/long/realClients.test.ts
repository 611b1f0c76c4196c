import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeTo } from "../../../support/databases.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();
const CLIENT = "web-1";
const ASK = "SELECT CONCAT('asked as ', CURRENT_USER())";

/** Programs that know nothing of this library, each with host, user and password alone. */
const programs: Record<string, { start: string; text: string }> = {
    "PDO without options": {
        start: "php",
        text: `<?php [$user, $password, $schema] = file('/root/login', FILE_IGNORE_NEW_LINES);
$db = new PDO("mysql:host=127.0.0.1;dbname=$schema", $user, $password);
echo $db->query("${ASK}")->fetchColumn();`,
    },
    mysqli: {
        start: "php",
        text: `<?php [$user, $password, $schema] = file('/root/login', FILE_IGNORE_NEW_LINES);
echo (new mysqli('127.0.0.1', $user, $password, $schema))->query("${ASK}")->fetch_column();`,
    },
    pymysql: {
        start: "python3",
        text: `import pymysql
user, password, schema = open("/root/login").read().split("\\n")
cursor = pymysql.connect(host="127.0.0.1", user=user, password=password, database=schema).cursor()
cursor.execute("${ASK}")
print(cursor.fetchone()[0])`,
    },
    "Perl's DBI": {
        start: "perl",
        text: `use DBI; open(my $login, "<", "/root/login"); chomp(my ($user, $password, $schema) = <$login>);
my $db = DBI->connect("DBI:mysql:database=$schema;host=127.0.0.1", $user, $password, { RaiseError => 1 });
print $db->selectrow_array(q{${ASK}});`,
    },
    "the mariadb command": {
        start: "bash",
        text: `mapfile -t login </root/login
MYSQL_PWD=\${login[1]} mariadb -h 127.0.0.1 -u "\${login[0]}" -N -e "${ASK}" "\${login[2]}"`,
    },
};

beforeAll(async () => {
    await db.on(
        CLIENT,
        "DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends php-cli php-mysql libdbd-mysql-perl mariadb-client",
    );
    const { user, password, schema } = db.connection;
    await writeTo(db.cloud, CLIENT, "/root/login", `${user}\n${password}\n${schema}`);
});
// Other files look where the password is.
afterAll(() => db.on(CLIENT, "rm -f /root/login /root/asks /root/dump.sql"));

describe("programs of others connect to the loopback as to a MariaDB of their own", () => {
    test.each(Object.entries(programs))("%s", async (_, { start, text }) => {
        await writeTo(db.cloud, CLIENT, "/root/asks", text);
        const told = await db.on(CLIENT, `${start} /root/asks`);
        expect(told.trim()).toMatch(/^asked as shop@10\./);
    });

    test("mariadb-dump, and what it wrote is brought back", async () => {
        await db.sql(CLIENT, "CREATE OR REPLACE TABLE dumped (n INT PRIMARY KEY)");
        await db.sql(CLIENT, "INSERT INTO dumped SELECT seq FROM seq_1_to_500");
        const options = "--defaults-extra-file=/etc/evenkeel/databases/shop.cnf";
        await db.on(CLIENT, `mariadb-dump ${options} --no-tablespaces shop dumped >/root/dump.sql`);
        await db.sql(CLIENT, "DROP TABLE dumped");
        await db.on(CLIENT, `mariadb ${options} shop </root/dump.sql`);
        for (const member of ["db-0", "db-1", "db-2"]) {
            const rows = "SET SESSION wsrep_sync_wait = 1; SELECT COUNT(*) FROM shop.dumped";
            expect(await db.on(member, `mariadb -N -e '${rows}'`), member).toBe("500");
        }
    });
});
