import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HostStatus, RoleStatus } from "../../../src/cli/status/hostStatus.ts";

const PROGRAM = "src/hosts/onhost/host-status";
let folder: string;
let files: string;

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "evenkeel-host-"));
    files = join(folder, "files");
    for (const name of ["bin", "roles", "files"]) mkdirSync(join(folder, name));
    fake("systemctl", "exit 0");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program of the host's in place of this machine's. */
function fake(name: string, body: string) {
    const path = join(folder, "bin", name);
    writeFileSync(path, `#!/bin/bash\n${body}\n`);
    chmodSync(path, 0o755);
}

const env = () => ({ PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}` });

function record(role: string, records: Record<string, string>) {
    const store = join(folder, "roles", role);
    mkdirSync(store, { recursive: true });
    for (const [name, text] of Object.entries({ manifest: "", ...records }))
        writeFileSync(join(store, name), text);
}

function write(name: string, text: string): string {
    writeFileSync(join(files, name), text);
    chmodSync(join(files, name), 0o644);
    return join(files, name);
}

/** Files as a role notes them when it has applied them. */
async function fingerprints(...paths: string[]): Promise<string> {
    const source = ". src/hosts/onhost/records.bash; fingerprints";
    const { stdout } = await execa("bash", ["-c", source], { input: paths.join("\n") });
    return `${stdout}\n`;
}

async function told(): Promise<HostStatus> {
    const { stdout } = await execa(PROGRAM, [join(folder, "roles")], { env: env() });
    return JSON.parse(stdout) as HostStatus;
}
const roles = async () =>
    Object.fromEntries((await told()).roles.map((role) => [role.name, role])) as Record<string, RoleStatus>;

describe("files", () => {
    test("that are as they were applied are counted", async () => {
        record("web-web", {
            sums: await fingerprints(write("a", "a\n"), write("with space", "b\n")),
            since: "7\n",
        });
        expect((await roles())["web-web"]).toMatchObject({ files: 2, edited: [], missing: [], since: 7 });
    });

    test("that were edited, got another mode, became a link or are gone are told", async () => {
        const paths = ["edited", "mode", "link", "gone", "fine"].map((name) => write(name, `${name}\n`));
        record("web-web", { sums: await fingerprints(...paths) });
        write("edited", "otherwise\n");
        chmodSync(join(files, "mode"), 0o666);
        for (const name of ["link", "gone"]) rmSync(join(files, name));
        symlinkSync(join(files, "fine"), join(files, "link"));
        const { edited, missing } = (await roles())["web-web"]!;
        expect(edited).toEqual(["edited", "mode", "link"].map((name) => join(files, name)));
        expect(missing).toEqual([join(files, "gone")]);
    });

    test("that several roles have may be as any of them has them", async () => {
        const old = await fingerprints(write("shared", "an older library's\n"));
        const sums = await fingerprints(write("shared", "a newer one's\n"));
        record("a-web", { sums: old });
        record("b-web", { sums });
        expect((await roles())["a-web"]!.edited).toEqual([]);
        write("shared", "somebody's\n");
        const found = await roles();
        expect([found["a-web"]!.edited, found["b-web"]!.edited]).toEqual([
            [join(files, "shared")],
            [join(files, "shared")],
        ]);
    });

    test("all of which are gone are all told", async () => {
        record("web-web", { sums: await fingerprints(write("a", "a\n")) });
        rmSync(join(files, "a"));
        expect((await roles())["web-web"]!.missing).toEqual([join(files, "a")]);
    });

    test("a host that a role names and /etc/hosts does not is told", async () => {
        record("web-web", { hosts: "10.9.8.7 nobody-knows\n" });
        expect((await roles())["web-web"]!.edited).toEqual(["/etc/hosts"]);
    });
});

test("a role's units are those that it has run, and those of its drop-ins; with the package of what they run", async () => {
    fake(
        "systemctl",
        `[[ $1 == show && $2 == --timestamp=unix ]] || exit 0
for unit in "\${@:5}"; do
    printf 'ExecStart={ path=/usr/sbin/nginx ; argv[]=/usr/sbin/nginx -g x }\\nExecStart={ path=/bin/other ; }\\n'
    printf 'Type=notify\\nId=%s.service\\nActiveState=active\\nSubState=running\\nUnitFileState=enabled\\nActiveEnterTimestamp=@9\\nConditionResult=no\\nConditionTimestamp=@8\\n\\n' "\${unit%.service}"
done`,
    );
    fake(
        "dpkg-query",
        `[[ $1 == -S ]] && echo "nginx: $2" && exit
[[ "$*" == "-W -f \\\${Version} nginx" ]] && printf 1.22.1-9`,
    );
    record("web-web", {
        units: "nginx active\n",
        manifest: `/etc/systemd/system/mariadb.service.d/10-x.conf
/etc/systemd/system/nginx.service.d/10-x.conf
/etc/systemd/system/evenkeel-x@.service.d/10-x.conf
/etc/nginx/nginx.conf
`,
    });
    const nginx = { name: "nginx", version: "1.22.1-9" };
    expect((await roles())["web-web"]!.units).toMatchObject([
        { name: "mariadb.service", runs: false },
        {
            name: "nginx.service",
            runs: true,
            type: "notify",
            active: "active",
            sub: "running",
            file: "enabled",
            since: 9,
            unmet: true,
            package: nginx,
        },
    ]);
});

test("a role's own reports: the last line, whether it is good, and in its order", async () => {
    record("db-galera", {
        reports: `member sh -c ${String.raw`echo\ first\;\ sleep\ 0.2\;\ echo\ synced`}
writes sh -c ${String.raw`echo\ nobody\ takes\ them\ \>\&2\;\ exit\ 3`}
nothing true
`,
    });
    expect((await roles())["db-galera"]!.reports).toEqual([
        { what: "member", says: "synced", good: true },
        { what: "writes", says: "nobody takes them", good: false },
        { what: "nothing", says: "", good: true },
    ]);
});

test("certificates among its files, with their end", async () => {
    const [cert, key] = [join(files, "cert.pem"), join(files, "key.pem")];
    const subject = [
        "-subj",
        "/CN=x",
        "-days",
        "30",
        "-nodes",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ];
    await execa("openssl", ["req", "-x509", ...subject, "-out", cert, "-keyout", key]);
    record("db-galera", { sums: await fingerprints(cert, key, write("not a certificate", "-\n")) });
    const [found, ...others] = (await told()).certificates;
    expect(others).toEqual([]);
    expect(found!.path).toBe(cert);
    expect(Math.abs(found!.ends - Date.now() / 1000 - 30 * 86_400)).toBeLessThan(60);
});

test("failed units, room and memory, and a role that was cut off", async () => {
    fake("systemctl", `[[ $1 == list-units ]] && echo "cron.service loaded failed failed Cron"`);
    record("web-web", { pending: "/etc/x\n", text: "abc\n" });
    const host = await told();
    expect(host.failed).toEqual(["cron.service"]);
    expect(host.disks.find(({ mount }) => mount === "/")!.size).toBeGreaterThan(1e6);
    expect(host.memory!.free).toBeGreaterThan(0);
    expect(host.memory!.total).toBeGreaterThan(host.memory!.free);
    expect(host.roles).toMatchObject([
        { name: "web-web", unfinished: true, text: "abc", units: [], files: 0 },
    ]);
});

test("odd bytes and words in records do no harm", async () => {
    const path = write('with "quotes" $(id) \\ ü', "x\n");
    record("web-web", { sums: await fingerprints(path), reports: "what printf '\\xff\\tx'\n" });
    rmSync(path);
    const role = (await roles())["web-web"]!;
    expect(role.missing).toEqual([path]);
    expect(role.reports[0]!.says).toContain("x");
    expect(existsSync(path)).toBe(false);
});
