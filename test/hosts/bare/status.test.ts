import { afterAll, beforeAll, expect, test } from "vitest";
import type { HostStatus } from "../../../src/cli/status/hostStatus.ts";
import { problemsOf, remarksOf } from "../../../src/cli/status/problems.ts";
import { renderInput } from "../../../src/hosts/applyRole.ts";
import {
    file,
    reports,
    retireText,
    roleText,
    type Step,
    secret,
    service,
    state,
} from "../../../src/hosts/roleText.ts";
import { onHost } from "../../support/flagship.ts";
import { sha256 } from "../../support/hostStatus.ts";
import { sharedCloud } from "../../support/shared.ts";

const cloud = sharedCloud();
const run = (command: string, input?: string) => onHost(cloud, "probe-0", command, input);
const ROLE = "seen-thing";

const unit = `[Service]
ExecStart=/usr/bin/seen infinity
[Install]
WantedBy=multi-user.target
`;
const text = (...more: Step[]) =>
    roleText(ROLE, "probe-0", [
        file({ path: "/etc/systemd/system/seen.service", text: unit }),
        file({ path: "/etc/seen/seen.conf", text: "seen\n" }),
        file({ path: "/etc/seen/other.conf", text: "other\n" }),
        secret("/etc/seen/key", "key"),
        service("seen", "restart"),
        file({ path: "/etc/ssh/sshd_config.d/90-seen.conf", text: "X11Forwarding no\n" }),
        service("ssh", "reload"),
        state("/srv/seen"),
        reports("mood", "cat /run/seen-mood"),
        ...more,
    ]);
const input = renderInput({
    hosts: [{ name: "seen-peer", privateAddress: "10.9.8.7" }],
    values: { key: "k" },
});
const apply = (...more: Step[]) => run(text(...more), input);

const status = async () => JSON.parse(await run("/usr/local/lib/evenkeel/host-status")) as HostStatus;
/** As the command line judges it, of this file's own things: the host is shared. */
async function told(of = problemsOf, deployed = text()): Promise<string[]> {
    const connection = { host: "", privateKey: "", hostKey: "" };
    const host = { name: "probe-0", connection, roles: { [ROLE]: sha256(deployed) } };
    return of({ host, status: await status() }).filter((line) => line.includes("seen"));
}

beforeAll(async () => {
    await run("cp /bin/sleep /usr/bin/seen; echo fine >/run/seen-mood; mkdir -p /srv/seen");
    await apply();
});
afterAll(async () => {
    await run("umount /srv/seen 2>/dev/null || true");
    await run(retireText(ROLE, "probe-0"));
    await run("rm -f /usr/bin/seen /run/seen-mood /run/reboot-required*");
});

test("a role that is as it was applied: its units with versions, its files, since when, what it reports", async () => {
    expect(await told()).toEqual([]);
    const role = (await status()).roles.find(({ name }) => name === ROLE)!;
    expect(role).toMatchObject({ files: 5, edited: [], missing: [], unfinished: false });
    expect(role.units.map(({ name, active }) => [name, active])).toEqual([
        ["seen.service", "active"],
        ["ssh.service", "active"],
    ]);
    const ssh = role.units.find(({ name }) => name === "ssh.service")!;
    expect(ssh.package).toEqual({
        name: "openssh-server",
        version: await run("dpkg-query -W openssh-server | cut -f 2"),
    });
    expect(role.reports).toEqual([{ what: "mood", says: "fine", good: true }]);
    const applied = Number(await run(`stat -c %Y /var/lib/evenkeel/roles/${ROLE}/manifest`));
    expect(Math.abs(role.since! - applied)).toBeLessThan(5);
    expect((await status()).booted!).toBeLessThan(applied);
});

test("since when it is as it is: an apply that changes nothing does not count", async () => {
    const since = async () => (await status()).roles.find(({ name }) => name === ROLE)!.since;
    await run(`echo 1700000000 >/var/lib/evenkeel/roles/${ROLE}/since`);
    await apply();
    expect(await since()).toBe(1_700_000_000);
    await run("rm /etc/seen/other.conf");
    await apply();
    expect(await since()).toBeGreaterThan(1_700_000_000);
});

test("a stopped daemon, and one that has failed", async () => {
    await run("systemctl stop seen");
    expect(await told()).toEqual([`seen.service is inactive (${ROLE})`]);
    await run("systemctl start seen; systemctl kill --signal=KILL seen");
    await expect.poll(() => told()).toEqual([`seen.service is failed (${ROLE})`]);
    await apply();
    expect(await told()).toEqual([]);
});

test("an edited file, a missing one, and a secret that everybody may read; an apply mends them", async () => {
    await run("echo by hand >>/etc/seen/seen.conf; rm /etc/seen/other.conf; chmod 644 /etc/seen/key");
    expect(await told()).toEqual([
        `/etc/seen/seen.conf is not as ${ROLE} has it`,
        `/etc/seen/key is not as ${ROLE} has it`,
        `/etc/seen/other.conf of ${ROLE} is missing`,
    ]);
    await apply();
    expect(await told()).toEqual([]);
});

test("a name that is gone from /etc/hosts", async () => {
    await run("sed -i /seen-peer/d /etc/hosts");
    expect(await told()).toEqual([`/etc/hosts is not as ${ROLE} has it`]);
    await apply();
    expect(await told()).toEqual([]);
});

test("a program of the library that was edited", async () => {
    const program = "/usr/local/lib/evenkeel/retire";
    await run(`cp -a ${program} /root/retire && echo '# seen' >>${program}`);
    const problems = problemsOf({
        host: { name: "probe-0", connection: { host: "", privateKey: "", hostKey: "" }, roles: {} },
        status: await status(),
    });
    await run(`mv /root/retire ${program}`);
    expect(problems).toContain(`${program} is not as probe-install has it`);
});

test("a full disk, which hinders nothing of the rest", async () => {
    await run(
        "mount -t tmpfs -o size=4m seen /srv/seen; cat /dev/zero >/srv/seen/filler 2>/dev/null || true",
    );
    expect(await told()).toEqual(["only 0 B of 4.2 MB are free on /srv/seen"]);
    await run("rm /srv/seen/filler");
    expect(await told()).toEqual([]);
});

test("a report that is not good, and one that never ends", { timeout: 60_000 }, async () => {
    await run("rm /run/seen-mood");
    expect(await told()).toEqual([`mood of ${ROLE}: cat: /run/seen-mood: No such file or directory`]);
    await run("mkfifo /run/seen-mood");
    expect(await told()).toEqual([`mood of ${ROLE}: no answer within 15 s`]);
    await run("rm /run/seen-mood; echo fine >/run/seen-mood");
});

test("a role in another text than the stack has, and one that is not there", async () => {
    const other = text(file({ path: "/etc/seen/more.conf", text: "more\n" }));
    expect(await told(problemsOf, other)).toEqual([
        `the role ${ROLE} is another one than the stack has applied`,
    ]);
    await run(other, input);
    expect(await told(problemsOf, other)).toEqual([]);
    await run(retireText(ROLE, "probe-0"));
    expect(await told()).toEqual([`the role ${ROLE} is not there`]);
    await apply();
    expect(await told()).toEqual([]);
});

test("a program that was replaced while it runs waits for a restart, and a host for a reboot", async () => {
    expect(await told(remarksOf)).toEqual([]);
    // As dpkg does it: the new file takes the name of the old one.
    await run("cp /bin/sleep /usr/bin/seen.new && mv /usr/bin/seen.new /usr/bin/seen");
    await run("touch /run/reboot-required; echo linux-image-seen >/run/reboot-required.pkgs");
    expect(await told(remarksOf)).toEqual([
        "waits for a reboot: linux-image-seen asks for it",
        "seen.service waits for a restart: it runs what was upgraded since",
    ]);
    expect(await told()).toEqual([]);
    await run("systemctl restart seen; rm /run/reboot-required*");
    expect(await told(remarksOf)).toEqual([]);
});

test("its memory is what it may use, not what the machine has", async () => {
    const { memory } = await status();
    expect(memory!.total).toBe(1024 ** 3);
    expect(memory!.free).toBeGreaterThan(0.3 * memory!.total);
    expect(memory!.free).toBeLessThan(memory!.total);
});
