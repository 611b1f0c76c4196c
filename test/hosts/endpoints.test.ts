import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { within } from "../../tools/waiting.ts";
import { power } from "../faults/hosts.ts";
import { lostRows, startWriter } from "../support/databases.ts";
import { editFile, succeeded } from "../support/flagship.ts";
import { deployReplicated, MEMBERS, type ReplicatedStack } from "../support/replicated.ts";
import { watchWritable } from "../support/writable.ts";

const UNIT = "evenkeel-names@db";
const RW = { name: "db-rw", port: 3306 };

/** The example, where web-0 reads from the writer and both clients know the members by name. */
const program = readFileSync(
    new URL("../../examples/replicated-mysql/index.ts", import.meta.url),
    "utf8",
).replace(
    "clients: web.hosts,",
    'clients: web.hosts, names: true, reads: [{ client: web.hosts[0]!, from: "writer" }],',
);

let db: ReplicatedStack;
beforeAll(async () => {
    db = await deployReplicated("test-endpoints", { "index.ts": program });
    for (const client of ["web-0", "web-1"]) {
        await db.on(client, "apt-get -q -y install bind9-dnsutils");
    }
});
afterAll(async () => db?.remove());

const replicasOf = (primary: string) => MEMBERS.filter((member) => member !== primary);

/** Who answers a client's reads, asked many times. */
async function readFrom(client: string): Promise<string[]> {
    const names = new Set<string>();
    for (let i = 0; i < 8; i++) names.add(await db.sql(client, "SELECT @@hostname", db.connection.readPort));
    return [...names].sort();
}

/** The members behind a name, as programs of a host find them. */
async function membersOf(client: string, name: string): Promise<string[]> {
    const known = (await db.on(client, `getent hosts ${MEMBERS.join(" ")}`))
        .split("\n")
        .map((line) => line.split(/\s+/) as [string, string]);
    const found = await db.on(client, `getent ahostsv4 ${name} | awk '/STREAM/ { print $1 }'`);
    return found
        .split("\n")
        .filter(Boolean)
        .map((address) => new Map(known).get(address) ?? address)
        .sort();
}

async function switchOver(): Promise<string> {
    succeeded(await db.evenkeel("switchover"));
    await db.synced(MEMBERS);
    return db.primary();
}

test("one client's reads end at the writer, and follow it; the other's at the replicas", async () => {
    const before = await db.primary();
    await expect.poll(() => readFrom("web-0"), { timeout: 15_000 }).toEqual([before]);
    await expect.poll(() => readFrom("web-1"), { timeout: 15_000 }).toEqual(replicasOf(before));
    const after = await switchOver();
    expect(after).not.toBe(before);
    await expect.poll(() => readFrom("web-0"), { timeout: 15_000 }).toEqual([after]);
    await expect.poll(() => readFrom("web-1"), { timeout: 15_000 }).toEqual(replicasOf(after));
});

test("the names resolve to the writer and to the readers in turn, for a second", async () => {
    const primary = await db.primary();
    await expect.poll(() => membersOf("web-1", "db-rw"), { timeout: 10_000 }).toEqual([primary]);
    expect(await membersOf("web-1", "db-ro")).toEqual(replicasOf(primary));
    expect(await membersOf("web-0", "db-ro")).toEqual([primary]);
    const lines = (await db.on("web-1", "dig +noall +answer db-rw db-ro")).split("\n");
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^db-r[wo]\.\s+1\s+IN\s+A\s+10\./);
    const firsts = await db.on(
        "web-1",
        "for i in $(seq 60); do dig +short db-ro | head -n 1; done | sort | uniq -c",
    );
    const counts = firsts.split("\n").map((line) => Number(line.trim().split(" ")[0]));
    expect(counts).toHaveLength(2);
    for (const count of counts) expect(count).toBeGreaterThan(15);
});

test("the server that answers by a name has a certificate for it", async () => {
    const ask = (name: string) =>
        db.on(
            "web-1",
            `mariadb --defaults-file=/root/client.cnf --ssl-verify-server-cert -h ${name} -P 3306 -N -e 'SELECT @@hostname'`,
        );
    expect(await ask("db-rw")).toBe(await db.primary());
    expect(replicasOf(await db.primary())).toContain(await ask("db-ro"));
    await db.on("web-1", `echo "$(getent ahostsv4 db-rw | awk '{ print $1; exit }') db-xx" >>/etc/hosts`);
    await expect(ask("db-xx")).rejects.toThrow(/certificate|verif/i);
});

test("who writes to the name goes on through a switchover and the primary's death; no row is lost", async () => {
    const writer = await startWriter(db, "web-1", "named", RW);
    await switchOver();
    const killed = await db.primary();
    await db.on(killed, "pkill --signal=KILL --exact mariadbd");
    await db.synced(MEMBERS);
    const after = await db.primary();
    const before = await writer.count();
    await within(30, "rows to be acknowledged again", async () => (await writer.count()) > before + 20);
    const written = await writer.stop();
    expect(await lostRows(db, "web-1", "named", written)).toEqual([]);
    expect(written.gapMs).toBeLessThan(15_000);
    await expect.poll(() => membersOf("web-1", "db-rw"), { timeout: 10_000 }).toEqual([after]);
});

test("a replica that lags is behind no name, and comes back by itself", async () => {
    const [replica, other] = replicasOf(await db.primary());
    await expect.poll(() => membersOf("web-1", "db-ro"), { timeout: 30_000 }).toEqual([replica, other]);
    await db.on(replica!, "mariadb -e 'STOP SLAVE SQL_THREAD'");
    await expect.poll(() => membersOf("web-1", "db-ro"), { timeout: 30_000 }).toEqual([other]);
    await db.on(replica!, "mariadb -e 'START SLAVE SQL_THREAD'");
    await expect.poll(() => membersOf("web-1", "db-ro"), { timeout: 30_000 }).toEqual([replica, other]);
});

test("other names resolve as before, whatever becomes of ours", async () => {
    await db.on(
        "web-1",
        "systemd-run -q --unit upstream dnsmasq -k -C /dev/null -R -h -a 127.0.0.9 -z -A /elsewhere.test/192.0.2.7",
    );
    const resolves = async (name: string, expected: string) =>
        within(15, `${name} to be ${expected || "nobody"}`, async () => {
            const found = await db.on("web-1", `timeout 8 getent ahostsv4 ${name} | head -n 1 || true`);
            return found.split(" ")[0] === expected;
        });
    const elsewhere = () => resolves("elsewhere.test", "192.0.2.7");
    const led = () => db.on("web-1", "cat /etc/resolv.conf");
    // As a DHCP client writes it.
    await db.on("web-1", "echo 'nameserver 127.0.0.9' >/etc/resolv.conf");
    await expect.poll(led).toMatch(/^nameserver 127\.53\.\d+\.\d+\nnameserver 127\.0\.0\.9$/);
    await elsewhere();
    const writer = await db.on("web-1", "getent ahostsv4 db-rw | awk '{ print $1; exit }'");
    await resolves("db-rw", writer);

    for (const damage of ["kill -KILL $pid", "kill -STOP $dns", "kill -KILL $dns", "kill -STOP $pid"]) {
        await db.on(
            "web-1",
            `pid=$(systemctl show -P MainPID ${UNIT}); dns=$(pgrep -P $pid -x dnsmasq); ${damage}`,
        );
        await elsewhere();
        await resolves("db-rw", writer);
    }
    await db.on("web-1", `systemctl stop ${UNIT}`);
    expect(await led()).toBe("nameserver 127.0.0.9");
    await elsewhere();
    await db.on("web-1", `systemctl start ${UNIT}`);
    await resolves("db-rw", writer);
});

test("a primary that dies while `up` rolls: never two writers, no row lost, and the settings are everywhere", async () => {
    await db.synced(MEMBERS);
    const writer = await startWriter(db, "web-1", "rolled", RW);
    const watch = await watchWritable(db, MEMBERS);
    const settings = "settings: { max_connections: 90 }, hostCount";
    const undo = editFile(`${db.stack.folder}/index.ts`, "hostCount", settings);
    const roll = db.stack.up();
    const isRolled = (member: string) =>
        db.on(member, "mariadb -N -e 'SELECT @@max_connections'").then(
            (found) => found === "90",
            () => false,
        );
    await within(120, "the first member to be rolled", () => isRolled("db-2"));
    const primary = await db.primary();
    await db.on(primary, "pkill --signal=KILL --exact mariadbd");
    succeeded(await roll);
    await db.synced(MEMBERS);
    for (const member of MEMBERS) expect(await isRolled(member), member).toBe(true);
    succeeded(await db.stack.up("--expect-no-changes"));

    // Back again, and this time its host goes, while another member restarts: nobody but it surely has every row.
    undo();
    const back = db.stack.up();
    await within(120, "the first member to be rolled", async () => !(await isRolled("db-2")));
    const second = await db.primary();
    await power(db, second, "off");
    await power(db, second, "on");
    const { exitCode, output } = await back;
    if (exitCode !== 0) expect(output).toMatch(/evenkeel: db-\d: role replicated: .*\n.*db-\d/);
    await db.synced(MEMBERS, 120);
    succeeded(await db.stack.up());
    for (const member of MEMBERS) expect(await isRolled(member), member).toBe(false);
    const written = await writer.stop();
    expect(await watch.stop()).toEqual([]);
    expect(await lostRows(db, "web-1", "rolled", written)).toEqual([]);
});
