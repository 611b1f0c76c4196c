import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { editFile, onHost, succeeded } from "../../../support/flagship.ts";
import { carriers, hardwareAddressOf, reboot, VIRTUAL, watchedFromGamma } from "../../../support/ownHosts.ts";
import { restoredAfter, sharedOwnHosts } from "../../../support/shared.ts";

const { cloud, stack } = await sharedOwnHosts();

const { program, former } = restoredAfter(stack);

const oneHost = () => editFile(program, "web.hosts.slice(0, 2)", "web.hosts.slice(0, 1)");
const alone = () => editFile(program, "http: [", "singlePointOfFailure: true, http: [");

const page = () => onHost(cloud, "gamma", `curl -fs -m 3 http://${VIRTUAL}/`);
const planned = (what: string) =>
    onHost(cloud, "alpha", `/usr/local/lib/evenkeel/planned-work ${what} alpha`);

test("one balancer alone is refused, and made when it is told to be", async () => {
    oneHost();
    const { exitCode, output } = await stack.up();
    expect(exitCode).not.toBe(0);
    expect(output).toContain("say so with `singlePointOfFailure: true`");
    alone();
    // The one that leaves hears no more of the pair; should it take the address, this would be asked of nobody in a moment.
    succeeded(await stack.up());
    expect(await page()).toContain("Hello from my own hosts");
    expect(await carriers(cloud)).toEqual(["alpha"]);
    succeeded(await stack.up("--expect-no-changes"));
});

test("planned work on it says that nobody stands by, and goes on", async () => {
    expect(await planned("drain")).toContain("no other balancer stands by");
    await planned("resume");
    expect(await page()).toContain("Hello from my own hosts");
});

test("it has its address back after a restart of keepalived, and of the host", async () => {
    await onHost(cloud, "alpha", "systemctl restart keepalived");
    await expect.poll(() => carriers(cloud), { timeout: 20_000 }).toEqual(["alpha"]);
    await reboot(cloud, "alpha");
    await expect.poll(() => page().catch(() => ""), { timeout: 60_000 }).toContain("Hello");
});

test("a second one joins without a gap, and takes over", async () => {
    const stop = await watchedFromGamma(cloud);
    writeFileSync(program, former);
    succeeded(await stack.up());
    expect(await carriers(cloud)).toEqual(["alpha"]);
    expect(await stop()).toBeLessThan(1000);
    await onHost(cloud, "alpha", "systemctl stop keepalived");
    await expect.poll(() => carriers(cloud), { timeout: 10_000 }).toEqual(["beta"]);
    await onHost(cloud, "alpha", "systemctl start keepalived");
});

test("the one that leaves with the address gives it to the one that stays", async () => {
    expect(await carriers(cloud)).toEqual(["beta"]);
    oneHost();
    alone();
    const stop = await watchedFromGamma(cloud, await hardwareAddressOf(cloud, "beta"));
    succeeded(await stack.up());
    expect(await stop()).toBeLessThan(1500);
    expect(await carriers(cloud)).toEqual(["alpha"]);
});
