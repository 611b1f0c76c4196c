import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Cloud } from "../../../../local/clouds/clouds.ts";
import { down } from "../../../../local/clouds/lifecycle.ts";
import { findHost } from "../../../../local/commands/hosts.ts";
import { killContainer } from "../../../../local/machines/container.ts";
import { fetchOnce, succeeded as served } from "../../../../tools/fetching.ts";
import { power } from "../../../faults/hosts.ts";
import type { TestStack } from "../../../support/engine.ts";
import { apiOf, editFile, flagshipStack, onHost, succeeded, testCloud } from "../../../support/flagship.ts";

/** One deployment that grows, and whose every `up` is killed at another moment: engine, language host and plugins. */
const CLOUD = "test-interrupted";
let cloud: Cloud;
let stack: TestStack;
let api: ReturnType<typeof apiOf>;
beforeAll(async () => {
    cloud = await testCloud(CLOUD);
    stack = await flagshipStack(cloud);
    api = apiOf(cloud);
});
afterAll(async () => {
    await down(CLOUD);
    stack?.remove();
});

// Each moment builds on the one before.
let broken = false;
beforeEach(({ skip, onTestFailed }) => {
    if (broken) skip("the deployment is not what it should be");
    onTestFailed(() => {
        broken = true;
    });
});

/** Kills an `up` at a moment of its progress; then says what the next one says, and unlocks the stack. */
async function killedWhen(
    moment: RegExp,
    { meanwhile, after }: { meanwhile?: () => Promise<void>; after?: () => Promise<void> } = {},
): Promise<void> {
    const up = stack.start("up", "--yes", "--skip-preview");
    await up.printed(moment);
    await meanwhile?.();
    await up.kill();
    await after?.();
    const { exitCode, output } = await stack.up();
    expect(exitCode, output).not.toBe(0);
    expect(output).toContain("the stack is currently locked");
    succeeded(await stack.pulumi("cancel", "--yes"));
}

/** Resolves while a role is at work on a host, or when none has begun in a while. */
const atWork = (host: string) => async () => {
    const begun = `until compgen -G "/run/evenkeel/work.*"; do sleep 0.01; done`;
    await onHost(cloud, host, `timeout 5 bash -c '${begun}' || true`);
};

/** Gives what the `up` printed that led there. */
async function converges(): Promise<string> {
    const output = succeeded(await stack.up());
    const { url } = (await stack.outputs()) as { url: string };
    expect(await fetchOnce(url, 3000)).toSatisfy(served);
    succeeded(await stack.up("--expect-no-changes"));
    return output;
}

interface Droplet {
    id: number;
    name: string;
}

const droplets = async () =>
    ((await api("GET", "/v2/droplets?per_page=200")) as { droplets: Droplet[] }).droplets;

test("while the cloud's first objects are created: up tells what stands in its way, and goes on when that is gone", async () => {
    const keys = async () =>
        ((await api("GET", "/v2/account/keys")) as { ssh_keys: { id: number }[] }).ssh_keys;
    // The provider looks whether the key is there before it tells the engine, and is killed while it waits for that.
    await api("POST", "/_local/faults", { latencyMs: 2000 });
    await killedWhen(/SshKey shop-ssh-key creating/, {
        meanwhile: () => expect.poll(keys, { timeout: 20_000 }).toHaveLength(1),
    });
    await api("DELETE", "/_local/faults");

    const { exitCode, output } = await stack.up();
    expect(exitCode).not.toBe(0);
    expect(output).toContain("SSH Key is already in use on your account");
    expect(output).toMatch(/SshKey::shop-ssh-key, interrupted while creating[\s\S]*pulumi refresh/);

    // Nothing uses it yet, so it can go.
    await api("DELETE", `/v2/account/keys/${(await keys())[0]!.id}`);
    succeeded(await stack.refresh("--clear-pending-creates"));
});

test("while the first hosts are created: the next up makes them, and tells which may be there twice", async () => {
    await killedWhen(/Droplet \S+ creating/, {
        meanwhile: () => expect.poll(droplets, { timeout: 10_000 }).not.toEqual([]),
    });
    const lost = await droplets();
    const told = await converges();
    // The engine notes what it is about to create before it does, so it can name whatever came to be.
    for (const { name } of lost) expect(told).toContain(`Droplet::${name}, interrupted while creating`);
    expect(await droplets()).toHaveLength(4 + lost.length);

    for (const { id } of lost) await api("DELETE", `/v2/droplets/${id}`);
    succeeded(await stack.refresh("--clear-pending-creates"));
    expect(succeeded(await stack.up("--expect-no-changes"))).not.toContain("pending operations");
});

test("while packages install, and the host loses its power in the middle of dpkg", async () => {
    await stack.pulumi("config", "set", "webHosts", "3");
    // With a package unpacked and not configured, dpkg is in the middle of its work.
    const unpacked = "until dpkg -l | grep -q '^.U'; do sleep 0.02; done";
    const booted = () => onHost(cloud, "web-2", "systemctl is-system-running || true").catch(() => "off");
    await killedWhen(/web-2-install creating .*installing/, {
        meanwhile: async () => {
            await onHost(cloud, "web-2", unpacked);
        },
        // What has begun on a host goes on without the engine; only this ends it.
        after: async () => {
            await killContainer(CLOUD, findHost(cloud, "web-2").id);
        },
    });
    await power({ cloud, api }, "web-2", "on");
    await expect.poll(booted, { timeout: 60_000 }).toMatch(/running|degraded/);
    expect(await onHost(cloud, "web-2", "dpkg --audit")).not.toBe("");
    await converges();
    expect(await onHost(cloud, "web-2", "dpkg --audit; ls /usr/sbin/policy-rc.d 2>/dev/null || true")).toBe(
        "",
    );
});

test("during a baseline", async () => {
    await stack.pulumi("config", "set", "webHosts", "4");
    await killedWhen(/web-3-baseline creating/, { meanwhile: atWork("web-3") });
    await converges();
});

test("during a web role", async () => {
    await stack.pulumi("config", "set", "greeting", "Good evening");
    editFile(
        `${stack.folder}/index.ts`,
        'hostCount: config.requireNumber("webHosts"),',
        "$&\n    php: true,",
    );
    await killedWhen(/web-0-web updating/, { meanwhile: atWork("web-0") });
    await converges();
});

test("during a balancer role", async () => {
    editFile(
        `${stack.folder}/index.ts`,
        "backends: web.hosts,",
        'backends: web.hosts, balance: "leastconn",',
    );
    await killedWhen(/lb-0-balancer updating/, { meanwhile: atWork("lb-0") });
    await converges();
});
