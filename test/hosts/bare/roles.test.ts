import { expect, test } from "vitest";
import { renderInput } from "../../../src/hosts/applyRole.ts";
import { placePrograms, program } from "../../../src/hosts/programs.ts";
import {
    account,
    check,
    file,
    healthy,
    retireText,
    roleText,
    type Step,
    service,
} from "../../../src/hosts/roleText.ts";
import { onHost } from "../../support/flagship.ts";
import { sharedCloud } from "../../support/shared.ts";

const cloud = sharedCloud();
/** Runs a text as a deployer would. */
const run = (text: string, input?: string) => onHost(cloud, "probe-0", text, input);

const page = "/srv/probe/index.html";
const config = "/etc/probe.conf";
const unit = `[Service]
ExecStart=/usr/bin/python3 -m http.server --bind 127.0.0.1 --directory /srv/probe 8099
ExecReload=/bin/true
[Install]
WantedBy=multi-user.target
`;

interface Probe {
    setting?: string;
    path?: string;
    extra?: Step[];
    address?: string;
}

/** A role with one small daemon: its configuration must say "ok", its health is its page. */
function probe({
    setting = "ok 1",
    path = "/",
    extra = [],
    address = "10.0.0.2",
}: Probe = {}): Promise<string> {
    const text = roleText("probe", "probe-0", [
        file({ path: page, text: "alive\n" }),
        file({ path: "/etc/systemd/system/probe.service", text: unit }),
        file({ path: config, text: `${setting}\n` }),
        ...extra,
        check(config, `grep -w ok ${config}`),
        service("probe", "restart"),
        healthy("the probe answers", `curl -fsS -m 1 http://127.0.0.1:8099${path}`),
    ]);
    return run(text, renderInput({ hosts: [{ name: "peer", privateAddress: address }] }));
}

const started = () => run("systemctl show -p InvocationID --value probe");

test("a role brings its files and its daemon up; a second run changes and restarts nothing", async () => {
    expect(await probe()).toContain(config);
    const before = await started();
    expect(await probe()).toBe("probe-0: probe: unchanged");
    expect(await started()).toBe(before);
    expect(await run("getent hosts peer")).toMatch(/^10\.0\.0\.2\s+peer/);
});

test("a host's own name is its private address alone, until no role names it", async () => {
    const before = await run("cat /etc/hosts /etc/cloud/templates/hosts.debian.tmpl");
    expect(before).toMatch(/^127\.0\.1\.1 probe-0/m);
    const text = roleText("named", "probe-0", []);
    await run(text, renderInput({ hosts: [{ name: "probe-0", privateAddress: "10.0.0.9" }] }));
    const addresses = "getent ahostsv4 probe-0 | awk '{ print $1 }' | sort -u";
    expect(await run(addresses)).toBe("10.0.0.9");
    expect(await run("getent ahostsv4 localhost | awk '{ print $1; exit }'")).toBe("127.0.0.1");
    await run(retireText("named", "probe-0"));
    expect(await run("cat /etc/hosts /etc/cloud/templates/hosts.debian.tmpl")).toBe(before);
});

test("a file that its check refuses is never in place; the error names host, file and the checker", async () => {
    const before = await started();
    await expect(probe({ setting: "broken" })).rejects.toThrow(
        /evenkeel: probe-0: role probe: \/etc\/probe\.conf was refused by grep; nothing was changed on this host/,
    );
    expect(await run(`cat ${config}`)).toBe("ok 1");
    expect(await started()).toBe(before);
});

test("what does not become healthy is put back, and the former daemon serves", {
    timeout: 120_000,
}, async () => {
    const added = file({ path: "/etc/probe.d/new.conf", text: "new\n" });
    await expect(probe({ setting: "ok 2", path: "/missing", extra: [added] })).rejects.toThrow(
        /not healthy after 30 s: the probe answers: .*404[\s\S]*The former files are back on this host\./,
    );
    expect(await run(`cat ${config}`)).toBe("ok 1");
    expect(await run("ls /etc/probe.d/")).toBe("");
    // systemd takes it for started before it listens.
    expect(await run("curl -fsS --retry 10 --retry-delay 1 --retry-connrefused http://127.0.0.1:8099/")).toBe(
        "alive",
    );
    expect(await run("ls -A /run/evenkeel /var/lib/evenkeel/roles/probe")).not.toMatch(/work|former|pending/);
});

test("a file that the role no longer names goes", async () => {
    await probe({ extra: [file({ path: "/etc/probe.d/new.conf", text: "new\n" })] });
    expect(await run("cat /etc/probe.d/new.conf")).toBe("new");
    await probe();
    await expect(run("cat /etc/probe.d/new.conf")).rejects.toThrow("No such file");
});

test("files of odd names and odd texts arrive whole, are known again, and go", async () => {
    const names = [
        "two words",
        "it's",
        '"c"',
        "$(id)",
        "`id`",
        "a]b[c",
        "*?",
        "back\\slash",
        "ü 名前",
        "-x",
        "%s",
        "{a,b}",
    ];
    const odd = names.map((name) =>
        file({ path: `/srv/odd/${name}`, text: `${name}\nEOF\n{{value x}} $HOME\n` }),
    );
    await probe({ extra: odd });
    const before = await run(
        'cd /srv/odd && for f in *; do printf \'%s=\' "$f"; head -n 1 -- "$f"; done | LC_ALL=C sort',
    );
    expect(before.split("\n").toSorted()).toEqual(names.map((name) => `${name}=${name}`).toSorted());
    expect(await run("tail -q -n 2 -- /srv/odd/* | sort -u")).toBe("EOF\n{{value x}} $HOME");
    expect(await probe({ extra: odd })).toBe("probe-0: probe: unchanged");
    await probe();
    await expect(run("ls -d /srv/odd 2>/dev/null || echo gone")).resolves.toBe("gone");
});

test("a name that moved restarts the daemon, though no file of its own changed", async () => {
    const before = await started();
    await probe({ address: "10.0.0.3" });
    expect(await run("getent hosts peer")).toMatch(/^10\.0\.0\.3\s/);
    expect(await started()).not.toBe(before);
});

test("a run that was killed between activation and restart is finished by the next one", async () => {
    const before = await started();
    // The moment after the files were swapped: as if the host had lost power there.
    await run(`echo 'ok 3' >${config}; echo ${config} >/var/lib/evenkeel/roles/probe/pending`);
    await probe({ setting: "ok 3", address: "10.0.0.3" });
    expect(await started()).not.toBe(before);
    await expect(run("ls /var/lib/evenkeel/roles/probe/pending")).rejects.toThrow("No such file");
});

test("an input that was cut off changes nothing", async () => {
    const text = roleText("probe", "probe-0", [file({ path: config, text: "ok 4\n" })]);
    await expect(run(text, "host peer 10.0.0.9\n")).rejects.toThrow(
        "the input ended early; nothing was changed",
    );
    expect(await run(`cat ${config}`)).toBe("ok 3");
});

test("programs that are for people are commands, the others are not; what had the name before stays", async () => {
    const programs = ["galera/galera-member", "galera/galera_state.py", "backups/database-backup"].map(
        program,
    );
    const blobs = Object.fromEntries(programs.map(({ sha256, base64 }) => [sha256, base64]));
    const backup = "/usr/local/sbin/database-backup";
    await run(`printf '#!/bin/sh\necho mine\n' >${backup} && chmod 755 ${backup}`);
    await run(placePrograms("probe-0", programs), renderInput({ blobs }));
    expect(await run("command -v galera-member")).toBe("/usr/local/sbin/galera-member");
    expect(await run("ls /usr/local/sbin")).toBe("database-backup\ngalera-member");
    expect(await run("database-backup")).toBe("mine");
    await run(`rm ${backup}`);
    await run(placePrograms("probe-0", programs), renderInput({ blobs }));
    expect(await run(`readlink ${backup}`)).toBe("/usr/local/lib/evenkeel/database-backup");
    await run("rm /usr/local/sbin/galera-member /usr/local/sbin/database-backup");
});

test.each<[string, string, string]>([
    ["a role whose name is a path", "role ../probe probe-0", "end\n"],
    ["a host whose name is a command", "role probe '$(touch /root/touched)'", "end\n"],
    ["a host of two lines", "role probe 'probe-0\n127.0.0.1 peer'", "end\n"],
    ["another host of no such name", "role probe probe-0", "host Peer 10.0.0.2\nend\n"],
    ["another host whose address is none", "role probe probe-0", "host peer $(id)\nend\n"],
])("%s is refused by the host, whatever let it through before", async (_what, begin, input) => {
    const before = await run("ls -A /var/lib/evenkeel/roles; sha256sum /etc/hosts");
    const text = [". /usr/local/lib/evenkeel/role.bash", begin, "file /root/touched <<<x", "apply"].join(
        "\n",
    );
    await expect(run(text, input)).rejects.toThrow(/its name or its host's is none|a host that cannot be/);
    expect(await run("ls -A /var/lib/evenkeel/roles; sha256sum /etc/hosts")).toBe(before);
    await expect(run("ls /root/touched")).rejects.toThrow("No such file");
});

test("an account has no password, belongs to its role, and goes with it", async () => {
    const keep = "/srv/kept/file";
    const role = (name: string) =>
        run(
            roleText(name, "probe-0", [
                account("probe-user", "/srv/kept"),
                file({ path: keep, text: "x\n", mode: "600", owner: "probe-user:probe-user" }),
            ]),
            renderInput({}),
        );
    expect(await role("holder")).toContain(keep);
    expect(await run(`getent shadow probe-user | cut -d : -f 2; stat -c %U:%a ${keep}`)).toBe(
        "*\nprobe-user:600",
    );
    expect(await role("holder")).toBe("probe-0: holder: unchanged");
    await expect(role("other")).rejects.toThrow("belongs to the role holder of this host");
    expect(await run("/usr/local/lib/evenkeel/retire holder probe-0")).toContain("retired");
    expect(await run("getent passwd probe-user; ls /srv/kept 2>&1; true")).not.toContain("probe-user");
    await run("useradd probe-user");
    await expect(role("holder")).rejects.toThrow(
        "the user probe-user is there already, and is not this role's",
    );
    await run("userdel probe-user");
    expect(await run("ls /var/lib/evenkeel/roles")).not.toMatch(/holder|other/);
});
