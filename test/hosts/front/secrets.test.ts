import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { cloudDirectory } from "../../../local/directories.ts";
import { succeeded } from "../../support/flagship.ts";
import { recorded, secretsIn } from "../../support/recorded.ts";
import {
    expectNoneInState,
    givenAway,
    inFiles,
    journal,
    openFiles,
    processes,
    sampleProcesses,
    search,
} from "../../support/secretSearch.ts";
import { sharedFlagship } from "../../support/shared.ts";

/** The flagship deployed, changed, and changed to something that fails; then everything is searched for secrets. */
const HOSTS = ["lb-0", "lb-1", "web-0", "web-1"];

const site = await sharedFlagship();
let secrets: Record<string, string[]>;
const searched = () => ({ ...site, secrets });
/** What the engine printed, by command. */
const printed: Record<string, string> = {};
/** Command lines and environments of processes on the hosts, while roles ran. */
let seen = new Set<string>();

beforeAll(async () => {
    secrets = secretsIn(await recorded(site.stack));
    printed["preview --diff"] = await previewOfOtherToken();
    const sampling = sampleProcesses(site);
    await site.stack.pulumi("config", "set", "greeting", "Good evening");
    printed.up = succeeded(await site.stack.up("--diff"));
    const restore = site.edit("backends: web.hosts,", 'backends: web.hosts, balance: "fairest" as never,');
    const failed = await site.stack.up();
    restore();
    expect(failed.exitCode, failed.output).not.toBe(0);
    printed["up that fails"] = failed.output;
    printed["up after it"] = succeeded(await site.stack.up());
    seen = await sampling.stop();
    secrets = { ...secrets, ...secretsIn(await recorded(site.stack)) };
    await site.stack.pulumi("config", "rm", "greeting");
    printed["up back"] = succeeded(await site.stack.up("--diff"));
});

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

test("there are secrets to look for, and looking finds them", async () => {
    const keys = HOSTS.map((host) => `${host}-host-key`);
    expect(Object.keys(secrets).sort()).toEqual(
        ["failover token", ...keys, "other token", "shop-ssh-key"].sort(),
    );
    expect(
        givenAway(searched(), await site.on("lb-0", "cat /etc/evenkeel/balancers/lb/failover.header")),
    ).toEqual(["failover token"]);
    expect(givenAway(searched(), await site.on("lb-0", "base64 -w 0 /etc/ssh/ssh_host_ed25519_key"))).toEqual(
        ["lb-0-host-key"],
    );
    const files = await search(searched(), "lb-0", "grep -rlF -f /dev/stdin /etc/evenkeel /etc/ssh");
    expect(files).toEqual(["/etc/evenkeel/balancers/lb/failover.header", "/etc/ssh/ssh_host_ed25519_key"]);
});

describe("on the deployer's side", () => {
    test("the engine prints none", () => {
        for (const [command, output] of Object.entries(printed))
            expect(givenAway(searched(), output), command).toEqual([]);
    });

    test("a plain export holds none, nor does any file of the state", () => expectNoneInState(searched()));

    test("the cloud's log holds none", () => {
        expect(
            givenAway(searched(), readFileSync(join(cloudDirectory(site.cloud.name), "api.log"), "utf8")),
        ).toEqual([]);
    });
});

test("no process on a host shows one, in its arguments or its environment, while roles run or after", async () => {
    // Each role's shell, which is there for as long as the role is at work; what it starts may be gone between two looks.
    expect(
        [...seen].some((text) => text.includes("/usr/local/lib/evenkeel/role.bash")),
        "roles were seen at work",
    ).toBe(true);
    for (const text of seen) expect(givenAway(searched(), text), text.replaceAll("\0", " ")).toEqual([]);
    for (const host of HOSTS) {
        expect(await search(searched(), host, processes)).toEqual([]);
    }
});

test.each(HOSTS)("%s tells none: not to its journal, nor to others than root", async (host) => {
    expect(await search(searched(), host, journal)).toEqual([]);
    expect(await search(searched(), host, openFiles)).toEqual([]);
});

test.each(HOSTS)("%s keeps its own host key for root, and never has the key that opens it", async (host) => {
    const keys = await site.on(host, "stat -c '%n %a %U:%G' /etc/ssh/ssh_host_*_key");
    expect(keys).toBe("/etc/ssh/ssh_host_ed25519_key 600 root:root");
    const found = await search(searched(), host, inFiles("find / -xdev -type f"), ["shop-ssh-key"]);
    expect(found).toEqual(["/root/patterns"]);
});
