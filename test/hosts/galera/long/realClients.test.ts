import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeTo } from "../../../support/databases.ts";
import { onHost } from "../../../support/flagship.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();
const CLIENT = "web-1";
const ASK = "SELECT CONCAT('asked as ', CURRENT_USER())";

/** Programs that know nothing of this library, each with host, user and password alone. */
const programs: Record<string, { start: string; text: string; file?: string }> = {
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
    "Node's mysql2": {
        start: "node",
        text: `const [user, password, database] = require("node:fs").readFileSync("/root/login", "utf8").split("\\n");
const connection = require("/root/node_modules/mysql2").createConnection({ host: "127.0.0.1", user, password, database });
connection.query({ sql: "${ASK}", rowsAsArray: true }, (error, rows) => {
    if (error) throw error;
    console.log(rows[0][0]);
    connection.end();
});`,
    },
    "Go's driver": {
        start: "HOME=/root GO111MODULE=off GOPATH=/usr/share/gocode go run",
        file: "asks.go",
        text: `package main
import ("database/sql"; "fmt"; "os"; "strings"; _ "github.com/go-sql-driver/mysql")
func main() {
    text, _ := os.ReadFile("/root/login")
    login := strings.Split(string(text), "\\n")
    db, err := sql.Open("mysql", login[0] + ":" + login[1] + "@tcp(127.0.0.1)/" + login[2])
    if err != nil { panic(err) }
    var told string
    if err := db.QueryRow("${ASK}").Scan(&told); err != nil { panic(err) }
    fmt.Println(told)
}`,
    },
    "the mariadb command": {
        start: "bash",
        text: `mapfile -t login </root/login
MYSQL_PWD=\${login[1]} mariadb -h 127.0.0.1 -u "\${login[0]}" -N -e "${ASK}" "\${login[2]}"`,
    },
};

const PACKAGES =
    "golang-github-go-sql-driver-mysql-dev golang-go libdbd-mysql-perl mariadb-client nodejs php-cli php-mysql";

/** Node's driver with what it needs, packed. */
async function mysql2(): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), "evenkeel-mysql2-"));
    try {
        await execa("npm", ["install", "--prefix", folder, "--ignore-scripts", "mysql2@3.24.6"]);
        const { stdout } = await execa("tar", ["-C", folder, "-cz", "node_modules"], { encoding: "base64" });
        return stdout;
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

beforeAll(async () => {
    await db.on(
        CLIENT,
        `DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends ${PACKAGES}`,
    );
    await onHost(db.cloud, CLIENT, "base64 -d | tar -C /root -xz", await mysql2());
    const { user, password, schema } = db.connection;
    await writeTo(db.cloud, CLIENT, "/root/login", `${user}\n${password}\n${schema}`);
});
// Other files look where the password is.
afterAll(() =>
    db.on(CLIENT, "rm -rf /root/login /root/asks /root/asks.go /root/node_modules /root/dump.sql"),
);

describe("programs of others connect to the loopback as to a MariaDB of their own", () => {
    test.each(Object.entries(programs))("%s", async (_, { start, text, file = "asks" }) => {
        await writeTo(db.cloud, CLIENT, `/root/${file}`, text);
        const told = await db.on(CLIENT, `${start} /root/${file}`);
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
