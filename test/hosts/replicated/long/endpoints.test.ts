import { expect, onTestFinished, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { power } from "../../../faults/hosts.ts";
import { lostRows, startWriter } from "../../../support/databases.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { membersOf, replicasOf } from "../../../support/names.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedReplicated } from "../../../support/shared.ts";
import { watchWritable } from "../../../support/writable.ts";

const db = await sharedReplicated();

const UNIT = "evenkeel-names@shop";
const RW = { name: "db-rw", port: 3306 };

test("a replica that lags is behind no name, and comes back by itself", async () => {
    const [replica, other] = replicasOf(await db.primary());
    await expect.poll(() => membersOf(db, "web-1", "db-ro"), { timeout: 30_000 }).toEqual([replica, other]);
    await db.on(replica!, "mariadb -e 'STOP SLAVE SQL_THREAD'");
    await expect.poll(() => membersOf(db, "web-1", "db-ro"), { timeout: 30_000 }).toEqual([other]);
    await db.on(replica!, "mariadb -e 'START SLAVE SQL_THREAD'");
    await expect.poll(() => membersOf(db, "web-1", "db-ro"), { timeout: 30_000 }).toEqual([replica, other]);
});

test("other names resolve as before, whatever becomes of ours", async () => {
    const kept = "/root/resolv.conf";
    await db.on("web-1", `systemctl stop ${UNIT}; cp /etc/resolv.conf ${kept}; systemctl start ${UNIT}`);
    onTestFinished(async () => {
        await db.on("web-1", `systemctl stop upstream ${UNIT}; cp ${kept} /etc/resolv.conf`);
        await db.on("web-1", `systemctl start ${UNIT}`);
    });
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

test("new programs while its unit is restarted are no failure, and are taken by themselves", async () => {
    const touched = "touch /usr/local/lib/evenkeel/database_names.py";
    await db.on(
        "web-1",
        `for tenths in 0 1 2 3 4 5 6 7; do ${touched}; sleep 0.$tenths; systemctl restart ${UNIT} || exit 1; done`,
    );
    const starts = () => db.on("web-1", `pgrep -P $(systemctl show -P MainPID ${UNIT}) -x dnsmasq`);
    const before = await starts();
    await db.on("web-1", touched);
    await expect.poll(starts, { timeout: 30_000 }).not.toBe(before);
    await expect
        .poll(() => membersOf(db, "web-1", "db-rw"), { timeout: 30_000 })
        .toEqual([await db.primary()]);
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
    const rolled = async () => (await Promise.all(MEMBERS.map(isRolled))).filter(Boolean).length;
    await within(240, "the first member to be rolled", async () => (await rolled()) > 0);
    const primary = await db.primary();
    await db.on(primary, "pkill --signal=KILL --exact mariadbd");
    succeeded(await roll);
    await db.synced(MEMBERS);
    for (const member of MEMBERS) expect(await isRolled(member), member).toBe(true);
    succeeded(await db.stack.up("--expect-no-changes"));

    // Back again, and this time its host goes, while another member restarts: nobody but it surely has every row.
    // The last one in turn is the primary.
    const [second] = MEMBERS as [string];
    succeeded(await db.evenkeel("switchover", second));
    undo();
    const back = db.stack.up();
    await within(240, "the first member to be rolled", async () => (await rolled()) < MEMBERS.length);
    expect(await db.primary()).toBe(second);
    await power(db, second, "off");
    await power(db, second, "on");
    const { exitCode, output } = await back;
    if (exitCode !== 0) expect(output).toMatch(/evenkeel: db-\d: role db-replicated: .*\n.*db-\d/);
    await db.synced(MEMBERS, 120);
    succeeded(await db.stack.up());
    for (const member of MEMBERS) expect(await isRolled(member), member).toBe(false);
    const written = await writer.stop();
    expect(await watch.stop()).toEqual([]);
    expect(await lostRows(db, "web-1", "rolled", written)).toEqual([]);
});
