import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { power, pullPlug } from "../../../faults/hosts.ts";
import { apiOf, editFile, onHost, succeeded } from "../../../support/flagship.ts";
import { carriers, hardwareAddressOf, reboot, VIRTUAL, watchedFromGamma } from "../../../support/ownHosts.ts";
import { restoredAfter, sharedOwnHosts } from "../../../support/shared.ts";

const { cloud, stack } = await sharedOwnHosts();

const { program, former } = restoredAfter(stack);

const page = () => onHost(cloud, "gamma", `curl -fs -m 3 http://${VIRTUAL}/`).catch(() => "");
const on = (host: string, command: string) => onHost(cloud, host, command);
const isMember = async (host: string) =>
    (await on(host, "/usr/local/lib/evenkeel/cluster ready lb && echo ready").catch(() => "")) === "ready";

describe("an address of their own network that Pacemaker carries", () => {
    test("a running pair changes to it: the address is with one host, and few answers are missed", async () => {
        const stop = await watchedFromGamma(cloud);
        editFile(program, "virtualAddress:", 'failover: "pacemaker",\n    virtualAddress:');
        succeeded(await stack.up());
        await expect.poll(() => carriers(cloud), { timeout: 20_000 }).toHaveLength(1);
        const gap = await stop();
        console.log(`without an answer while it changed: ${gap} ms`);
        expect(gap).toBeLessThan(10_000);
        expect(await page()).toContain("Hello from my own hosts");
        succeeded(await stack.up("--expect-no-changes"));
    });

    test("its hosts in another order: the address stays where it is, and no answer is missed", async () => {
        const [holder] = await carriers(cloud);
        const [order, other] = ["web.hosts.slice(0, 2)", "web.hosts.slice(0, 2).toReversed()"];
        const stop = await watchedFromGamma(cloud);
        editFile(program, order, other);
        succeeded(await stack.up());
        expect(await stop()).toBeLessThan(1000);
        expect(await carriers(cloud)).toEqual([holder]);
        editFile(program, other, order);
        succeeded(await stack.up());
        expect(await carriers(cloud)).toEqual([holder]);
    });

    test("it moves when its host dies, and stays when that is back", async () => {
        const [first = ""] = await carriers(cloud);
        const stop = await watchedFromGamma(cloud);
        await pullPlug({ cloud }, first);
        await expect.poll(page, { timeout: 20_000 }).toContain("Hello");
        const gap = await stop();
        console.log(`without an answer when the host died: ${gap} ms`);
        expect(gap).toBeLessThan(10_000);
        await power({ cloud, api: apiOf(cloud) }, first, "on");
        await expect.poll(() => isMember(first), { timeout: 90_000, interval: 1000 }).toBe(true);
        expect(await carriers(cloud)).not.toContain(first);
    });

    test("it moves when its host is stopped in good order, and comes up where the other one is gone for good", async () => {
        const [first = ""] = await carriers(cloud);
        const second = first === "alpha" ? "beta" : "alpha";
        await on(first, "systemctl stop corosync");
        await expect.poll(() => carriers(cloud), { timeout: 20_000 }).toEqual([second]);
        await reboot(cloud, second);
        await expect.poll(page, { timeout: 120_000, interval: 1000 }).toContain("Hello");
        expect(await carriers(cloud)).toEqual([second]);
        await on(first, "systemctl start corosync");
        await expect.poll(() => isMember(first), { timeout: 60_000, interval: 1000 }).toBe(true);
    });

    test.each(["alpha", "beta"])(
        "it shrinks to alpha alone while %s has the address, and grows again",
        async (holder) => {
            const other = holder === "alpha" ? "beta" : "alpha";
            if ((await carriers(cloud))[0] !== holder) {
                await on(other, "systemctl restart corosync");
                await expect.poll(() => carriers(cloud), { timeout: 20_000 }).toEqual([holder]);
            }
            await expect.poll(() => isMember(other), { timeout: 60_000, interval: 1000 }).toBe(true);
            const [two, protectedPair] = ["web.hosts.slice(0, 2)", "http: ["];
            editFile(program, two, "web.hosts.slice(0, 1)");
            editFile(program, protectedPair, `singlePointOfFailure: true, ${protectedPair}`);
            const stop = await watchedFromGamma(cloud, await hardwareAddressOf(cloud, "beta"));
            succeeded(await stack.up());
            const gap = await stop();
            console.log(`without an answer while it shrank with the address on ${holder}: ${gap} ms`);
            expect(gap).toBeLessThan(holder === "alpha" ? 1000 : 3000);
            expect(await page()).toContain("Hello");
            expect(await carriers(cloud)).toEqual(["alpha"]);
            editFile(program, "web.hosts.slice(0, 1)", two);
            editFile(program, `singlePointOfFailure: true, ${protectedPair}`, protectedPair);
            succeeded(await stack.up());
            await expect.poll(() => isMember("beta"), { timeout: 60_000, interval: 1000 }).toBe(true);
            expect(await carriers(cloud)).toEqual(["alpha"]);
        },
    );

    test("and back to VRRP: one carrier, and nothing of Pacemaker runs", async () => {
        writeFileSync(program, former);
        succeeded(await stack.up());
        await expect.poll(() => carriers(cloud), { timeout: 20_000 }).toHaveLength(1);
        for (const host of ["alpha", "beta"])
            expect(await on(host, "pgrep 'pacemaker|corosync' || true")).toBe("");
    });
});
