import { describe, expect, test } from "vitest";
import { checkout } from "../../../tools/paths.ts";
import { power, pullPlug } from "../../faults/hosts.ts";
import { settled } from "../../faults/pair.ts";
import { sharedFlagship } from "../../support/shared.ts";

const site = await sharedFlagship();
const status = (...args: string[]) => site.stack.execute("npx", "evenkeel", "status", ...args);

describe("a stack that is well", () => {
    test("is told host by host, by users of the package and in a checkout, without an output for it", async () => {
        const { active } = await settled(site);
        const { folder } = site.stack;
        for (const { exitCode, output } of [
            await site.stack.execute("npx", "evenkeel", "status"),
            await site.stack.execute("npm", "--prefix", checkout, "run", "status", "--", "--cwd", folder),
        ]) {
            expect(output).toMatch(/^web-0 +well +\d+ \S+ +\S+ .B \(\d+ %\) +\S+ [MG]B \(\d+ %\)/m);
            expect(output).toMatch(/^web-0 +web-web +\d{4}-\d\d-\d\d \d\d:\d\d +(\d) of \1 .* nginx 1\.22/m);
            expect(output).toMatch(/^lb-0 +lb-balancer .* haproxy 2\.6\..*keepalived 1:2\.2/m);
            expect(output).toMatch(
                new RegExp(`^lb-balancer +address +${site.address} is with ${active} +lb-0, lb-1$`, "m"),
            );
            expect(output).not.toContain("not well");
            expect(exitCode, output).toBe(0);
        }
    });

    test("JSON has the same, and no key", async () => {
        const { exitCode, output } = await status("--json");
        expect(exitCode, output).toBe(0);
        const { well, hosts } = JSON.parse(output);
        expect(well).toBe(true);
        expect(hosts.map(({ name }: { name: string }) => name)).toEqual(["lb-0", "lb-1", "web-0", "web-1"]);
        expect(output).not.toContain("PRIVATE KEY");
    });
});

test("what up never sees: a stopped daemon and an edited file", async () => {
    await site.on(
        "web-1",
        "systemctl stop nginx; cp -a /etc/nginx/nginx.conf /root/; echo '# x' >>/etc/nginx/nginx.conf",
    );
    try {
        const { exitCode, output } = await status();
        expect(output).toMatch(/^web-1 +2 problems /m);
        expect(output).toContain("web-1: nginx.service is inactive (web-web)");
        expect(output).toContain("web-1: /etc/nginx/nginx.conf is not as web-web has it");
        expect(exitCode).toBe(2);
    } finally {
        await site.on("web-1", "mv /root/nginx.conf /etc/nginx/nginx.conf; systemctl start nginx");
    }
});

test("a host without power is a line; the others are told, and the address is where it went", async () => {
    const { active, standby } = await settled(site);
    await pullPlug(site, active);
    await expect.poll(() => site.holder(), { timeout: 30_000 }).toBe(standby);
    const since = Date.now();
    const { exitCode, output } = await status();
    const seconds = (Date.now() - since) / 1000;
    await power(site, active, "on");
    expect(output).toMatch(new RegExp(`^${active} +does not answer$`, "m"));
    expect(output).toMatch(new RegExp(`^  ${active} \\([\\d.]+\\) cannot be reached: `, "m"));
    expect(output).toMatch(
        new RegExp(`^lb-balancer +address +${site.address} is with ${standby} +${standby}$`, "m"),
    );
    expect(output).toMatch(/^web-0 +well /m);
    expect(exitCode).toBe(2);
    // Ten for the host that is away; the rest is the engine's, on a busy machine.
    expect(seconds).toBeLessThan(45);
    await settled(site, 120);
    await expect.poll(async () => (await status()).exitCode, { timeout: 60_000, interval: 2000 }).toBe(0);
});
