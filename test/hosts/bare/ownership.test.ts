import { afterAll, expect, test } from "vitest";
import { renderInput } from "../../../src/hosts/applyRole.ts";
import {
    claims,
    common,
    file,
    leave,
    retireText,
    roleText,
    type Step,
    secret,
    service,
    state,
} from "../../../src/hosts/roleText.ts";
import { onHost } from "../../support/flagship.ts";
import { sharedCloud } from "../../support/shared.ts";

const cloud = sharedCloud();
const run = (text: string, input?: string) => onHost(cloud, "probe-0", text, input);
const apply = (role: string, steps: Step[], values: Record<string, string> = {}) =>
    run(roleText(role, "probe-0", steps), renderInput({ values }));
const retire = (role: string) => run(retireText(role, "probe-0"));

const ROLES = ["one-thing", "other-thing"];
afterAll(async () => {
    for (const role of ROLES) await retire(role);
    await run("rm -f /etc/thing.conf /etc/owned.conf");
});

const unit = (name: string): Step =>
    file({
        path: `/etc/systemd/system/${name}.service`,
        text: "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n",
    });
/** A daemon that roles share, by fragments. */
const daemon: Step[] = [
    common(unit("thing")),
    common(file({ path: "/etc/thing.conf", text: "all have this\n" })),
];
const thing = (name: string, port: number): Step[] => [
    claims([`tcp 127.0.0.1:${port}`]),
    ...daemon,
    file({ path: `/etc/thing.d/${name}.conf`, text: `${name}\n` }),
    secret(`/etc/thing.d/${name}.key`, "key"),
    service("thing", "restart"),
    state(`/var/lib/thing-${name}`),
    leave(`sh -c 'ls /etc/thing.d >/root/left-${name}; systemctl is-active thing >>/root/left-${name}'`),
];
const key = { key: "a-secret" };

test("two roles share a daemon by fragments; one goes, and the other's serves on", async () => {
    await apply("one-thing", thing("one", 4001), key);
    await apply("other-thing", thing("other", 4002), key);
    await run("mkdir -p /var/lib/thing-one && touch /var/lib/thing-one/kept");
    await retire("one-thing");
    expect(await run("ls /etc/thing.d")).toBe("other.conf\nother.key");
    expect(await run("cat /etc/thing.conf; systemctl is-active thing")).toBe("all have this\nactive");
    // Its leave command ran first: with its files, and with the daemon.
    expect(await run("cat /root/left-one")).toBe("one.conf\none.key\nother.conf\nother.key\nactive");
    await expect(run("ls /var/lib/thing-one")).rejects.toThrow("No such file");
});

test("with the last of them all is gone, and to retire it again does nothing", async () => {
    await retire("other-thing");
    const left =
        "ls -d /etc/thing* /etc/systemd/system/thing* /etc/systemd/system/*/thing* /var/lib/evenkeel/roles/*thing";
    expect(await run(`${left} 2>/dev/null || true; systemctl is-active thing || true`)).toBe("inactive");
    expect(await retire("other-thing")).toBe("");
});

test("what a host has one of is refused to a second role, with the first one's name; so is a file", async () => {
    await apply("one-thing", thing("one", 4001), key);
    await expect(apply("other-thing", thing("other", 4001), key)).rejects.toThrow(
        "evenkeel: probe-0: role other-thing: tcp 127.0.0.1:4001 belongs to the role one-thing of this host; nothing was changed",
    );
    const same = file({ path: "/etc/thing.d/one.conf", text: "mine\n" });
    await expect(apply("other-thing", [same])).rejects.toThrow(
        "role other-thing: /etc/thing.d/one.conf belongs to the role one-thing of this host; nothing was changed",
    );
    expect(await run("cat /etc/thing.d/one.conf; ls /var/lib/evenkeel/roles | grep -c other || true")).toBe(
        "one\n0",
    );
    await retire("one-thing");
});

test("what somebody else has put there is refused in words, and not touched", async () => {
    await run("echo mine >/etc/owned.conf");
    const role = [file({ path: "/etc/owned.conf", text: "evenkeel's\n" })];
    await expect(apply("one-thing", role)).rejects.toThrow(
        "/etc/owned.conf is there already, and is not evenkeel's: move it away if it may be replaced; nothing was changed",
    );
    expect(await run("cat /etc/owned.conf")).toBe("mine");
    await run("mv /etc/owned.conf /root/owned.conf");
    await apply("one-thing", role);
    await retire("one-thing");
    await expect(run("cat /etc/owned.conf")).rejects.toThrow("No such file");
});

test("a package's own file is replaced, and comes back as it was; a running daemon of before goes on", async () => {
    // As the package has it: debconf's, which every host has.
    const path = "/etc/debconf.conf";
    const before = await run(`sha256sum ${path}; stat -c '%a %U:%G %Y' ${path}`);
    const running = "systemctl show -p ActiveState --value cron ssh";
    const active = await run(running);
    await apply("one-thing", [file({ path, text: "# evenkeel's\n", mode: "600" }), service("ssh", "reload")]);
    expect(await run(`cat ${path}`)).toBe("# evenkeel's");
    await apply("one-thing", [
        file({ path: "/etc/owned.conf", text: "another\n" }),
        service("ssh", "reload"),
    ]);
    expect(await run(`sha256sum ${path}; stat -c '%a %U:%G %Y' ${path}`)).toBe(before);
    await apply("one-thing", [file({ path, text: "# evenkeel's\n" }), service("ssh", "reload")]);
    await retire("one-thing");
    expect(await run(`sha256sum ${path}; stat -c '%a %U:%G %Y' ${path}`)).toBe(before);
    expect(await run(running)).toBe(active);
});

test("what the role's daemons kept, and keep no more, goes; what is kept in it stays", async () => {
    await run("mkdir -p /var/lib/thing/{a,b} /var/lib/other-thing");
    await apply("one-thing", [state("/var/lib/thing", "/var/lib/other-thing")]);
    await apply("one-thing", [state("/var/lib/thing/a", "/var/lib/thing/b")]);
    expect(await run("ls -d /var/lib/thing/* /var/lib/other-thing 2>/dev/null || true")).toBe(
        "/var/lib/thing/a\n/var/lib/thing/b",
    );
    await apply("one-thing", [state("/var/lib/thing/b")]);
    expect(await run("ls /var/lib/thing")).toBe("b");
    await retire("one-thing");
    await run("rm -r /var/lib/thing");
});

test("a unit that the role has no more is stopped, and its file goes", async () => {
    await apply("one-thing", [
        unit("first"),
        service("first", "restart"),
        unit("second"),
        service("second", "restart"),
    ]);
    await apply("one-thing", [unit("first"), service("first", "restart")]);
    expect(await run("systemctl is-active first second || true")).toBe("active\ninactive");
    await retire("one-thing");
    expect(await run("systemctl is-active first || true")).toBe("inactive");
});
