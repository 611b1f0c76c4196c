import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Cloud } from "../../local/clouds/clouds.ts";
import { containerState } from "../../local/machines/container.ts";
import { word } from "../../src/hosts/roleText.ts";
import type { TestStack } from "./engine.ts";
import { onHost, succeeded } from "./flagship.ts";
import { traces } from "./recorded.ts";

/** A deployment whose secrets are looked for; `secrets` are the lines that give each away, by its name. */
export interface Searched {
    cloud: Cloud;
    stack: TestStack;
    api(method: string, path: string): Promise<Record<string, unknown>>;
    secrets: Record<string, string[]>;
}

/** Names of the secrets that a text gives away. */
export function givenAway({ secrets }: Pick<Searched, "secrets">, text: string): string[] {
    return Object.entries(secrets)
        .filter(([, lines]) => lines.flatMap(traces).some((trace) => text.includes(trace)))
        .map(([name]) => name);
}

/** Runs a command as root on a host, with the traces of these secrets on its standard input. */
export async function search(
    { cloud, secrets }: Pick<Searched, "cloud" | "secrets">,
    host: string,
    command: string,
    names = Object.keys(secrets),
): Promise<string[]> {
    const patterns = names.flatMap((name) => secrets[name]!).flatMap(traces);
    const stdout = await onHost(cloud, host, command, `${patterns.join("\n")}\n`);
    return stdout.split("\n").filter(Boolean);
}

/** What has not changed since the host came to be is the image's, and older than its secrets. */
const CHANGED = "-cnewer /var/lib/cloud/seed/nocloud/meta-data";

/** A search of files, with the patterns in a file that only root reads. */
export const inFiles = (find: string) =>
    `umask 077; cat >/root/patterns; ${find} ${CHANGED} -print0 | xargs -0r grep -laF -f /root/patterns; rm /root/patterns`;

/** The files of a host that hold each secret, by its name: all are looked for at once, as to read a host's files takes long. */
export async function holders(searched: Searched, host: string): Promise<Record<string, string[]>> {
    const found = await search(searched, host, inFiles("find / -xdev -type f"));
    const files = found.filter((file) => file !== "/root/patterns").sort();
    const among = `grep -laF -f /dev/stdin -- /dev/null ${files.map(word).join(" ")} || true`;
    const names = Object.keys(searched.secrets);
    const all = await Promise.all(names.map((name) => search(searched, host, among, [name])));
    return Object.fromEntries(names.map((name, i) => [name, all[i]!]));
}

/** Files that others than root may read. */
export const openFiles = inFiles(
    String.raw`find / \( -path /proc -o -path /sys \) -prune -o -type f \( -perm -040 -o -perm -004 \)`,
);

export const journal = "journalctl --quiet --all --output=export | grep -aF -f /dev/stdin || true";

export const processes =
    "grep -lazF -f /dev/stdin /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null || true";

/** A plain export of the state, and the files that it is kept in. */
export async function expectNoneInState(searched: Searched): Promise<void> {
    const { stack } = searched;
    expect(givenAway(searched, succeeded(await stack.pulumi("stack", "export")))).toEqual([]);
    const files = readdirSync(stack.backend, { recursive: true, withFileTypes: true }).filter((file) =>
        file.isFile(),
    );
    expect(files.length).toBeGreaterThan(3);
    for (const { parentPath, name } of files)
        expect(givenAway(searched, readFileSync(join(parentPath, name), "utf8")), name).toEqual([]);
}

/** Looks at all processes in the hosts' containers, over and over, from the machine: no host is kept busy by it. */
export function sampleProcesses(searched: Pick<Searched, "cloud" | "api">) {
    const seen = new Set<string>();
    /** Of the machine's processes: none of them moves to a host. Their numbers are given out again some day. */
    const others = new Set<string>();
    let stopped = false;
    const sampling = (async () => {
        let hosts = await pidNamespaces(searched);
        let asking: Promise<void> | undefined;
        for (let round = 1; !stopped; round++) {
            // Roles work for half a second: to wait for an answer here would be to look away.
            if (round % 100 === 0)
                asking ??= pidNamespaces(searched).then((namespaces) => {
                    hosts = namespaces;
                    others.clear();
                    asking = undefined;
                });
            for (const pid of readdirSync("/proc"))
                if (/^\d+$/.test(pid) && !others.has(pid)) look(pid, hosts);
            await new Promise((resolve) => setTimeout(resolve, 15));
        }
        await asking;
    })();
    function look(pid: string, hosts: Set<string>): void {
        try {
            if (!hosts.has(readlinkSync(`/proc/${pid}/ns/pid`))) {
                others.add(pid);
                return;
            }
            for (const part of ["cmdline", "environ"])
                seen.add(readFileSync(`/proc/${pid}/${part}`, "latin1"));
        } catch {
            // It has ended.
        }
    }
    return {
        /** Command lines and environments that were seen. */
        async stop() {
            stopped = true;
            await sampling;
            return seen;
        },
    };
}

async function pidNamespaces({ cloud, api }: Pick<Searched, "cloud" | "api">): Promise<Set<string>> {
    const { droplets } = (await api("GET", "/v2/droplets?per_page=200")) as { droplets: { id: number }[] };
    const states = await Promise.all(droplets.map(({ id }) => containerState(cloud.name, id)));
    return new Set(
        states.flatMap((state) => (state?.running ? [readlinkSync(`/proc/${state.init}/ns/pid`)] : [])),
    );
}
