import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchEvery, succeeded as isServed } from "../../../../tools/fetching.ts";
import { within } from "../../../../tools/waiting.ts";
import { succeeded } from "../../../support/flagship.ts";
import { asking, FILES, servesPages } from "../../../support/servedPages.ts";
import { sharedFlagship } from "../../../support/shared.ts";

const site = await sharedFlagship();
const HOSTS = ["web-0", "web-1"];
const everyHost = (command: string) => Promise.all(HOSTS.map((host) => site.on(host, command)));

/** Tells where it is, and is as slow as it is told to be. */
const APP = `<?php
sleep((int) ($_GET["sleep"] ?? 0));
require __DIR__ . "/../version.php";
echo VERSION, " ", (int) ($_SERVER["DOCUMENT_ROOT"] === __DIR__ && $_SERVER["SCRIPT_FILENAME"] === __FILE__);
`;
let folder: string;
const write = (version: number) =>
    writeFileSync(join(folder, "version.php"), `<?php const VERSION = "v${version}";`);

/** The first one begins with nginx. */
const POOLS = () => `const classic = new evenkeel.WebPool("classic", {
    hosts: web.hosts,
    engine: "nginx",
    port: 8090,
    documentRoot: "/srv/classic",
    php: true,
    staticMaxAge: 3600,
    maxUpload: 5,
    writable: ["uploads"],
    files: {
        ${FILES}
    },
});
const plain = new evenkeel.WebPool("plain", {
    hosts: classic.hosts,
    engine: "apache",
    apacheModules: ["status"],
    port: 8091,
    documentRoot: "/srv/plain",
    files: { "index.html": "plain", "source.php": "<?php" },
});
const app = new evenkeel.WebPool("app", {
    hosts: plain.hosts,
    engine: "apache",
    port: 8092,
    php: true,
    release: { folder: ${JSON.stringify(folder)}, public: "public", keep: 2 },
});

const lb =`;
const LISTENERS = (proxy: string) => `http: [
        { port: 8090, backends: classic.hosts, backendPort: 8090, trustedProxies: ["${proxy}"] },
        { port: 8092, backends: app.hosts, backendPort: 8092 },
        {`;

const restore: (() => void)[] = [];
beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "evenkeel-apache-"));
    mkdirSync(join(folder, "public"));
    writeFileSync(join(folder, "public/index.php"), APP);
    write(1);
    const { stdout } = await execa("ip", ["-json", "route", "get", site.address]);
    const [{ prefsrc }] = JSON.parse(stdout);
    restore.push(site.edit("const lb =", POOLS()));
    restore.push(site.edit("http: [{", LISTENERS(prefsrc)));
    succeeded(await site.stack.up());
}, 300_000);
afterAll(async () => {
    for (const each of restore.reverse()) each();
    succeeded(await underLoad([80], () => site.stack.up()));
    // Of Apache nothing runs, at the next boot neither, and nothing but the package is there.
    const left = `systemctl is-active apache2; systemctl is-enabled apache2; pgrep -c apache2
ls /etc/apache2/evenkeel /etc/systemd/system/apache2.service.d 2>&1 | grep -v 'No such'; grep -c evenkeel /etc/apache2/apache2.conf`;
    for (const host of HOSTS) {
        expect((await site.on(host, `${left}; true`)).split("\n")).toEqual([
            "inactive",
            "disabled",
            "0",
            "0",
        ]);
        await site.on(host, "rm -rf /srv/classic /var/www/app");
    }
    rmSync(folder, { recursive: true });
}, 300_000);

/** As many requests as there are threads, each of which waits for the end of what it is sent. */
const ALL_AT_WORK = `
import socket, time
from pathlib import Path
from subprocess import check_output
sent = [socket.create_connection(("web-0", 8090)) for _ in range(256)]
for each in sent:
    each.sendall(b"POST / HTTP/1.1\\r\\nHost: web-0\\r\\nConnection: close\\r\\nContent-Length: 2\\r\\n\\r\\na")
time.sleep(6)
of = lambda pid, file, key: sum(int(line.split()[1]) for line in Path(f"/proc/{pid}/{file}").read_text().splitlines() if line.startswith(key))
pids = check_output(["pgrep", "apache2"], text=True).split()
threads = sum(of(pid, "status", "Threads:") >= 32 for pid in pids) * 32
swapped = sum(of(pid, "status", "VmSwap:") for pid in pids)
for each in sent:
    each.sendall(b"b")
answers = sum(each.recv(12) == b"HTTP/1.1 200" for each in sent)
print(f"{threads} threads, {answers} answers, {swapped} kB of swap")
`;

/** Does something while these ports of the site are asked fifty times a second. */
async function underLoad<T>(ports: number[], work: () => Promise<T>): Promise<T> {
    const loads = ports.map((port) => fetchEvery(`http://${site.address}:${port}/`, 20, 60_000));
    const result = await work().finally(() => Promise.all(loads.map((load) => load.stop())));
    for (const [i, { results }] of loads.entries()) {
        expect(results.length).toBeGreaterThan(100);
        expect(
            results.filter((one) => !isServed(one)),
            `port ${ports[i]}`,
        ).toEqual([]);
    }
    return result;
}

/** Who listens on a host, and where: a program's name and an address each, without the host's own. */
const listeners = async (host: string) =>
    (
        await site.on(
            host,
            `ss -Hltnp | sed -nE "s/^LISTEN +[0-9]+ +[0-9]+ +([^ ]+) .*\\"(nginx|apache2)\\".*/\\2 \\1/p" | sed "s/$(getent hosts ${host} | cut -d ' ' -f 1)/${host}/" | sort -u`,
        )
    ).split("\n");

test("a pool goes over from nginx to Apache: no request is lost, and what it serves is the same", async () => {
    const { ask } = asking(site, 8090);
    const paths = ["", "style.css", "docs/", "index.php/a?b=c"];
    const answers = () =>
        Promise.all(
            paths.map(async (path) => {
                const answer = await ask(path);
                const of = (name: string) => answer.headers.get(name);
                return [
                    answer.status,
                    await answer.text(),
                    of("cache-control"),
                    of("content-encoding"),
                    of("vary"),
                ];
            }),
        );
    const before = await answers();
    expect(await listeners("web-0")).toContain("nginx web-0:8090");
    restore.push(site.edit('engine: "nginx"', 'engine: "apache"'));
    await underLoad([80, 8090], async () => succeeded(await site.stack.up()));
    expect(await answers()).toEqual(before);
    for (const host of HOSTS)
        expect(await listeners(host)).toEqual([
            ...[8090, 8091, 8092].map((port) => `apache2 ${host}:${port}`),
            `nginx ${host}:80`,
        ]);
    expect(await everyHost("ls /run/evenkeel-drained 2>/dev/null || echo in service")).toEqual(
        HOSTS.map(() => "in service"),
    );
}, 180_000);

servesPages(site, 8090);

describe("Apache", () => {
    /** Hosts of a pool do not know each other by name. */
    const addressOfWeb0 = () =>
        site.on("web-0", "ip -4 -oneline address show dev eth1 | awk '{ print $4 }' | cut -d / -f 1");
    const inside = async (host: string, port: number, path: string, options = "") =>
        site.on(
            host,
            `curl -s -o /dev/null -w '%{http_code}' ${options} 'http://${await addressOfWeb0()}:${port}/${path}'`,
        );

    test("has the modules that its sites need and no others", async () => {
        const found = await site.on(
            "web-0",
            "apache2ctl -M 2>/dev/null | sed -n 's/_module (shared)//p' | tr -d ' ' | sort | paste -sd ' '",
        );
        expect(found).toBe(
            "alias authz_core authz_host buffer deflate expires filter headers mime mpm_event proxy proxy_fcgi remoteip reqtimeout rewrite status",
        );
        expect(await inside("web-0", 8091, "server-status")).toBe("200");
        expect(await inside("web-1", 8091, "server-status")).toBe("403");
    });

    test("has threads by the host's memory, and does not swap when all of them are at work", async () => {
        const config = await site.on(
            "web-0",
            "grep -E '^(ServerLimit|MaxRequestWorkers) ' /etc/apache2/apache2.conf",
        );
        expect(config).toBe("ServerLimit 16\nMaxRequestWorkers 256");
        expect(await site.on("web-0", `python3 - <<'EOF'\n${ALL_AT_WORK}EOF`)).toBe(
            "256 threads, 256 answers, 0 kB of swap",
        );
    });

    test("tells no version, runs no source where nothing runs it, and lists no folder", async () => {
        expect(await site.on("web-0", "curl -sI http://web-0:8091/ | tr -d '\\r' | grep -i '^server'")).toBe(
            "Server: Apache",
        );
        expect(await inside("web-0", 8091, "source.php")).toBe("404");
        expect(await inside("web-0", 8090, "uploads/")).toBe("403");
    });

    test("serves what PHP has written, and runs none of it", async () => {
        await site.on(
            "web-0",
            `cd /srv/classic/uploads && python3 -c '
import os
for path in ["shell.php", "a/index.php", "b\\nc/shell.php", "picture.txt"]:
    os.makedirs(os.path.dirname("./" + path), exist_ok=True)
    open(path, "w").write("<?php echo 1;")
'`,
        );
        for (const path of ["shell.php", "shell.php/x", "shell.php/x.txt", "a/index.php", "b%0ac/shell.php"])
            expect(await inside("web-0", 8090, `uploads/${path}`), path).toBe("404");
        expect(await inside("web-0", 8090, "uploads/a/")).toBe("403");
        expect(await inside("web-0", 8090, "uploads/picture.txt")).toBe("200");
        await site.on("web-0", "rm -r /srv/classic/uploads/*");
    });

    test("wants to know how long a request is", async () => {
        const chunked = "-H 'Transfer-Encoding: chunked' --data-binary @/etc/passwd";
        expect(await inside("web-0", 8090, "", chunked)).toBe("411");
        expect(await inside("web-0", 8090, "", "--data-binary @/etc/passwd")).toBe("200");
    });

    test("has requests that come slowly wait without a process of PHP's", async () => {
        const answer = await site.on(
            "web-0",
            `head -c 2000000 /dev/zero >/tmp/slow; for i in $(seq 8); do curl -s --limit-rate 500k -o /dev/null -F file=@/tmp/slow http://web-0:8090/ & done
sleep 1.5; curl -s -m 1 -o /dev/null -w '%{http_code}' http://web-0:8090/; wait; rm /tmp/slow`,
        );
        expect(answer).toBe("200");
    });

    test("says that it is drained, and that PHP is gone, and neither in its log", async () => {
        expect(await inside("web-0", 8090, "healthz")).toBe("200");
        try {
            await site.on("web-0", "touch /run/evenkeel-drained");
            expect(await inside("web-0", 8090, "healthz")).toBe("503");
            expect(await inside("web-0", 8091, "healthz")).toBe("503");
        } finally {
            await site.on("web-0", "rm -f /run/evenkeel-drained");
        }
        try {
            await site.on("web-0", "systemctl mask --now --runtime php8.2-fpm");
            expect(await inside("web-0", 8090, "healthz")).toBe("503");
            expect(await inside("web-0", 8091, "healthz")).toBe("200");
        } finally {
            await site.on("web-0", "systemctl unmask --runtime php8.2-fpm; systemctl start php8.2-fpm");
        }
        await within(
            3,
            "PHP to be back at once",
            async () => (await inside("web-0", 8090, "healthz")) === "200",
        );
        expect(await site.on("web-0", "grep -c healthz /var/log/apache2/access.log || true")).toBe("0");
    });

    test("is reloaded, and PHP-FPM is, while requests are under way: none is lost", async () => {
        const { status } = asking(site, 8090);
        const requests = Array.from({ length: 12 }, () => status("?sleep=2"));
        await new Promise((resolve) => setTimeout(resolve, 700));
        await everyHost("systemctl reload php8.2-fpm apache2");
        expect(await Promise.all(requests)).toEqual(requests.map(() => 200));
    });
});

test("a release is switched to without a lost request; what has begun keeps its own, and OPcache follows", async () => {
    const ask = (host: string, query = "") => site.on(host, `curl -sS 'http://${host}:8092/${query}'`);
    expect(await Promise.all(HOSTS.map((host) => ask(host)))).toEqual(["v1 1", "v1 1"]);
    write(2);
    // On each host one that begins before the switch and looks for its second file after it.
    const slow = HOSTS.map((host) =>
        site.on(
            host,
            `old=$(readlink /var/www/app/current); for i in $(seq 80); do curl -s 'http://${host}:8092/?sleep=1' & sleep 0.5; test "$(readlink /var/www/app/current)" = "$old" || break; done; wait`,
        ),
    );
    await underLoad([8092], async () => succeeded(await site.stack.up()));
    for (const answers of await Promise.all(slow)) {
        expect(answers.replaceAll(/v[12] 1/g, "")).toBe("");
        expect(answers).toContain("v1 1");
    }
    expect(await Promise.all(HOSTS.map((host) => ask(host)))).toEqual(["v2 1", "v2 1"]);
    const { exitCode, output } = await site.stack.execute("npx", "evenkeel", "rollback", "app");
    expect(exitCode, output).toBe(0);
    expect(await Promise.all(HOSTS.map((host) => ask(host)))).toEqual(["v1 1", "v1 1"]);
}, 180_000);
