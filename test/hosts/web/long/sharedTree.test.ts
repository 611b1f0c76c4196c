import { afterAll, beforeAll, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { power, pullPlug } from "../../../faults/hosts.ts";
import { succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";
import { failedUnits, troubledBoot } from "../../../support/troubledBoot.ts";

const site = await sharedFlagship();

const HOSTS = ["web-0", "web-1", "lb-1"];
const TREE = "/srv/media";
const BRICK = "/var/lib/evenkeel/sync/media/brick";
const SHARED = `new evenkeel.FileSync("media", {
    mode: "shared",
    path: "${TREE}",
    hosts: [...web.hosts, lb.hosts[1]!],
});

export const url = `;
/** Until the others' connections to a host that is gone have failed (src/sync/shared/glusterfs.ts), and what that takes. */
const STALL_SECONDS = 8;

let restore = () => {};
beforeAll(async () => {
    restore = site.edit("export const url = ", SHARED);
    await site.on("web-0", `mkdir -p ${TREE}/old && echo first >${TREE}/old/page`);
    succeeded(await site.stack.up());
}, 900_000);

const status = async () => (await site.stack.execute("npx", "evenkeel", "status")).output;
const volume = (host: string) => site.on(host, "/usr/local/lib/evenkeel/sync-volume media status || true");
const whole = (seconds: number, hosts = HOSTS) =>
    within(
        seconds,
        "all hosts to have all files",
        async () => (await Promise.all(hosts.map(volume))).every((line) => line === "3 of 3 bricks"),
        1000,
    );
const asApplication = (host: string, command: string) =>
    site.on(host, `runuser -u www-data -- sh -c 'umask 002; ${command}'`);

/** Writes files one after the other for a while; afterwards `acknowledged` has a line for each with the seconds it took. */
const WRITER = `
import os, sys, time
folder, seconds = sys.argv[1], float(sys.argv[2])
os.makedirs(folder, exist_ok=True)
log, end, i = open("/root/acknowledged", "w"), time.monotonic() + seconds, 0
while time.monotonic() < end:
    began, said = time.monotonic(), "ok"
    try:
        with open(f"{folder}/{i}", "w") as file:
            file.write(f"{i}\\n" * 10)
    except OSError as error:
        said = str(error)
    print(i, round(time.monotonic() - began, 2), said, file=log, flush=True)
    i += 1
`;
const write = async (host: string, seconds: number) => {
    await site.on(host, `cat >/root/writer.py <<'EOF'\n${WRITER}\nEOF`);
    await site.on(
        host,
        `systemd-run -q --collect --unit=writer python3 /root/writer.py ${TREE}/${host} ${seconds}`,
    );
};
const written = async (host: string) => {
    await within(
        120,
        `the writer on ${host} to end`,
        async () => (await site.on(host, "systemctl is-active writer || true")) !== "active",
    );
    const lines = (await site.on(host, "cat /root/acknowledged")).split("\n");
    return lines.map((line) => {
        const [file, seconds, ...said] = line.split(" ");
        return { file: file!, seconds: Number(seconds), said: said.join(" ") };
    });
};
/** Which of a host's files are not, or not whole, in a brick of another. */
const missing = (from: string, files: string[], host: string) =>
    site.on(
        host,
        `cd ${BRICK}/${from} && for file in ${files.join(" ")}; do [ "$(sort -u "$file" 2>/dev/null)" = "$file" ] || echo "$file"; done`,
    );

test("what the first host had is everybody's, and a second up has nothing to do", async () => {
    for (const host of HOSTS) expect(await site.on(host, `cat ${TREE}/old/page`)).toBe("first");
    expect(succeeded(await site.stack.up("--expect-no-changes"))).toContain("unchanged");
    await whole(60);
    expect(await status()).toMatch(/3 of 3 bricks/);
});

test("what one host writes the others read at once, also what they have read before", async () => {
    for (const [i, host] of HOSTS.entries()) {
        await asApplication(host, `echo ${i} >${TREE}/page; echo ${host} >>${TREE}/log`);
        for (const other of HOSTS) expect(await site.on(other, `cat ${TREE}/page`), other).toBe(String(i));
    }
    for (const host of HOSTS) expect(await site.on(host, `cat ${TREE}/log`)).toBe(HOSTS.join("\n"));
    expect(await site.on("lb-1", `stat -c '%A %G' ${TREE} ${TREE}/old`)).toBe(
        "drwxrwsr-x www-data\ndrwxrwsr-x www-data",
    );
});

test("a lock holds on all hosts: no update under it is lost", async () => {
    const count = `for i in $(seq 100); do flock ${TREE}/lock sh -c "n=\\$(cat ${TREE}/count); echo \\$((n + 1)) >${TREE}/count"; done`;
    await asApplication("web-0", `echo 0 >${TREE}/count; touch ${TREE}/lock`);
    await Promise.all(HOSTS.map((host) => site.on(host, count)));
    for (const host of HOSTS) expect(await site.on(host, `cat ${TREE}/count`)).toBe("300");
});

test("a host dies during writes: the others wait for seconds, nothing is lost, and it gets what it has missed", async () => {
    await Promise.all(["web-0", "web-1"].map((host) => write(host, 30)));
    await write("lb-1", 300);
    await within(
        20,
        "lb-1 to write",
        async () => (await site.on("lb-1", `ls ${TREE}/lb-1 2>/dev/null | wc -l`)) !== "0",
    );
    await pullPlug(site, "lb-1");
    const done = await Promise.all(["web-0", "web-1"].map(written));
    for (const lines of done) {
        expect(lines.filter(({ said }) => said !== "ok")).toEqual([]);
        expect(Math.max(...lines.map(({ seconds }) => seconds))).toBeLessThan(STALL_SECONDS);
    }
    expect(await volume("web-0")).toMatch(/^2 of 3 bricks, \d+ entries wait to be healed$/);
    await power(site, "lb-1", "on");
    await whole(240);
    for (const [i, host] of ["web-0", "web-1"].entries()) {
        const files = done[i]!.map(({ file }) => file);
        for (const other of HOSTS) expect(await missing(host, files, other)).toBe("");
    }
}, 480_000);

test("a host boots with a late address, and has its folder and its files again", async () => {
    const end = await troubledBoot(site.cloud, "web-1", ["tcp/24007"]);
    await asApplication("web-0", `echo meanwhile >${TREE}/meanwhile`);
    await end();
    await whole(240);
    expect(await site.on("web-1", `cat ${TREE}/meanwhile`)).toBe("meanwhile");
    expect(await failedUnits(site.cloud, "web-1")).toBe("");
}, 480_000);

test("a client and a brick that are killed come back by themselves", async () => {
    await site.on(
        "web-0",
        "systemctl kill --signal=KILL evenkeel-sync-media-mount; kill -9 $(pgrep -x glusterfsd)",
    );
    await whole(90);
    expect(await site.on("web-0", `cat ${TREE}/old/page`)).toBe("first");
});

test("all lose their power, and all have their files again", async () => {
    await Promise.all(HOSTS.map((host) => pullPlug(site, host)));
    await Promise.all(HOSTS.map((host) => power(site, host, "on")));
    await whole(240);
    for (const host of HOSTS) expect(await site.on(host, `cat ${TREE}/old/page`)).toBe("first");
}, 480_000);

test("nobody without a certificate gets in, and nothing of an application is written below the mount", async () => {
    expect(await site.on("web-0", "gluster volume get media server.ssl | tail -n 1")).toMatch(
        /server\.ssl +on/,
    );
    await site.on("web-1", "systemctl stop evenkeel-sync-media-mount");
    try {
        const refused = `runuser -u www-data -- sh -c 'echo x >${TREE}/below' 2>&1 || true`;
        expect(await site.on("web-1", refused)).toContain("Permission denied");
    } finally {
        await site.on("web-1", "systemctl start evenkeel-sync-media-mount");
    }
    await whole(60);
});

afterAll(async () => {
    restore();
    succeeded(await site.stack.up());
    for (const host of HOSTS) {
        const left = await site.on(
            host,
            "ls -d /etc/evenkeel/sync* /var/lib/evenkeel/sync/* /usr/lib/ssl/glusterfs* /var/lib/glusterd/vols/* /var/lib/glusterd/peers/* 2>/dev/null; pgrep -x 'gluster(d|fs|fsd)'; mount | grep glusterfs; true",
        );
        expect(left, host).toBe("");
        // The files stay, as ordinary ones.
        expect(await site.on(host, `cat ${TREE}/old/page`)).toBe("first");
        expect(await site.on(host, `getfattr -R -d -m trusted ${TREE} 2>/dev/null | head -n 1`)).toBe("");
        await site.on(host, `rm -r ${TREE}; rm -f /root/writer.py /root/acknowledged`);
    }
}, 600_000);
