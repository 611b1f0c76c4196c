import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findHost } from "../../local/commands/hosts.ts";
import { cloudDirectory } from "../../local/directories.ts";
import { containerName, containerState } from "../../local/machines/container.ts";
import { deployFlagship, type Flagship, succeeded } from "../support/flagship.ts";
import { recorded, secretsIn, traces } from "../support/recorded.ts";

/** The flagship deployed, changed, and changed to something that fails; then everything is searched for secrets. */
const CLOUD = "test-secrets";
const HOSTS = ["lb-0", "lb-1", "web-0", "web-1"];

let site: Flagship;
let secrets: Record<string, string[]>;
/** What the engine printed, by command. */
const printed: Record<string, string> = {};
/** Command lines and environments of processes on the hosts, while roles ran. */
let processes = new Set<string>();

beforeAll(async () => {
    site = await deployFlagship(CLOUD);
    secrets = secretsIn(await recorded(site.stack));
    printed["preview --diff"] = await previewOfOtherToken();
    const sampling = sampleProcesses();
    await site.stack.pulumi("config", "set", "greeting", "Good evening");
    await site.stack.pulumi("config", "set", "webHosts", "3");
    printed.up = succeeded(await site.stack.up("--diff"));
    const restore = site.edit("backends: web.hosts,", 'backends: web.hosts, balance: "fairest" as never,');
    const failed = await site.stack.up();
    restore();
    expect(failed.exitCode, failed.output).not.toBe(0);
    printed["up that fails"] = failed.output;
    printed["up after it"] = succeeded(await site.stack.up());
    processes = await sampling.stop();
    secrets = { ...secrets, ...secretsIn(await recorded(site.stack)) };
});
afterAll(async () => site?.remove());

/** A new token shows as a change of what is secret, and nothing of either shows. */
async function previewOfOtherToken(): Promise<string> {
    const other = "dop_v1_0f5e3c";
    secrets["other token"] = [other];
    await site.stack.pulumi("config", "set", "failoverToken", other, "--secret");
    const output = succeeded(await site.stack.preview("--diff"));
    await site.stack.pulumi("config", "set", "failoverToken", site.cloud.failoverToken, "--secret");
    expect(output).toContain("[secret]");
    return output;
}

/** Names of the secrets that a text gives away. */
function givenAway(text: string): string[] {
    return Object.entries(secrets)
        .filter(([, lines]) => lines.flatMap(traces).some((trace) => text.includes(trace)))
        .map(([name]) => name);
}

/** Runs a command as root on a host, with the traces of these secrets on its standard input. */
async function search(host: string, command: string, names = Object.keys(secrets)): Promise<string[]> {
    const container = containerName(CLOUD, findHost(site.cloud, host).id);
    const patterns = names.flatMap((name) => secrets[name]!).flatMap(traces);
    const { stdout } = await execa("podman", ["exec", "--interactive", container, "bash", "-c", command], {
        input: `${patterns.join("\n")}\n`,
    });
    return stdout.split("\n").filter(Boolean);
}

/** Looks at all processes in the hosts' containers, over and over, from the machine: no host is kept busy by it. */
function sampleProcesses() {
    const seen = new Set<string>();
    let stopped = false;
    const sampling = (async () => {
        let hosts = await pidNamespaces();
        for (let round = 1; !stopped; round++) {
            if (round % 100 === 0) hosts = await pidNamespaces();
            for (const pid of readdirSync("/proc")) if (/^\d+$/.test(pid)) look(pid, hosts);
            await new Promise((resolve) => setTimeout(resolve, 15));
        }
    })();
    function look(pid: string, hosts: Set<string>): void {
        try {
            if (!hosts.has(readlinkSync(`/proc/${pid}/ns/pid`))) return;
            for (const part of ["cmdline", "environ"])
                seen.add(readFileSync(`/proc/${pid}/${part}`, "latin1"));
        } catch {
            // It has ended.
        }
    }
    return {
        async stop() {
            stopped = true;
            await sampling;
            return seen;
        },
    };
}

async function pidNamespaces(): Promise<Set<string>> {
    const { droplets } = (await site.api("GET", "/v2/droplets?per_page=200")) as {
        droplets: { id: number }[];
    };
    const states = await Promise.all(droplets.map(({ id }) => containerState(CLOUD, id)));
    return new Set(
        states.flatMap((state) => (state?.running ? [readlinkSync(`/proc/${state.init}/ns/pid`)] : [])),
    );
}

test("there are secrets to look for, and looking finds them", async () => {
    const keys = [...HOSTS, "web-2"].map((host) => `${host}-host-key`);
    expect(Object.keys(secrets).sort()).toEqual(
        ["failover token", ...keys, "other token", "shop-ssh-key"].sort(),
    );
    expect(givenAway(await site.on("lb-0", "cat /etc/evenkeel/failover.header"))).toEqual(["failover token"]);
    expect(givenAway(await site.on("lb-0", "base64 -w 0 /etc/ssh/ssh_host_ed25519_key"))).toEqual([
        "lb-0-host-key",
    ]);
    const files = await search("lb-0", "grep -rlF -f /dev/stdin /etc/evenkeel /etc/ssh");
    expect(files).toEqual(["/etc/evenkeel/failover.header", "/etc/ssh/ssh_host_ed25519_key"]);
});

describe("on the deployer's side", () => {
    test("the engine prints none", () => {
        for (const [command, output] of Object.entries(printed))
            expect(givenAway(output), command).toEqual([]);
    });

    test("a plain export holds none, nor does any file of the state", async () => {
        expect(givenAway(succeeded(await site.stack.pulumi("stack", "export")))).toEqual([]);
        const files = readdirSync(site.stack.backend, { recursive: true, withFileTypes: true }).filter(
            (file) => file.isFile(),
        );
        expect(files.length).toBeGreaterThan(3);
        for (const { parentPath, name } of files)
            expect(givenAway(readFileSync(join(parentPath, name), "utf8")), name).toEqual([]);
    });

    test("the cloud's log holds none", () => {
        expect(givenAway(readFileSync(join(cloudDirectory(CLOUD), "api.log"), "utf8"))).toEqual([]);
    });
});

test("no process on a host shows one, in its arguments or its environment, while roles run or after", async () => {
    expect(
        [...processes].some((text) => text.includes("haproxy\0-c")),
        "roles were seen at work",
    ).toBe(true);
    for (const text of processes) expect(givenAway(text), text.replaceAll("\0", " ")).toEqual([]);
    for (const host of HOSTS) {
        expect(
            await search(
                host,
                "grep -lazF -f /dev/stdin /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null || true",
            ),
        ).toEqual([]);
    }
});

test.each(HOSTS)("%s tells none: not to its journal, nor to others than root", async (host) => {
    expect(
        await search(host, "journalctl --quiet --all --output=export | grep -aF -f /dev/stdin || true"),
    ).toEqual([]);
    const open = `find / \\( -path /proc -o -path /sys \\) -prune -o -type f \\( -perm -040 -o -perm -004 \\) -print0`;
    expect(
        await search(
            host,
            `umask 077; cat >/root/patterns; ${open} | xargs -0 grep -laF -f /root/patterns; rm /root/patterns`,
        ),
    ).toEqual([]);
});

test.each(HOSTS)("%s keeps its own host key for root, and never has the key that opens it", async (host) => {
    const keys = await site.on(host, "stat -c '%n %a %U:%G' /etc/ssh/ssh_host_*_key");
    expect(keys).toBe("/etc/ssh/ssh_host_ed25519_key 600 root:root");
    const files = "find / -xdev -type f -print0 | xargs -0 grep -laF -f /root/patterns";
    const found = await search(host, `umask 077; cat >/root/patterns; ${files}; rm /root/patterns`, [
        "shop-ssh-key",
    ]);
    expect(found).toEqual(["/root/patterns"]);
});
