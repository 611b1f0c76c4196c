import { describe, expect, test } from "vitest";
import { succeeded } from "../../support/flagship.ts";
import { asGolden } from "../../support/golden.ts";
import { sharedFlagship } from "../../support/shared.ts";
import { underLoad } from "../../support/underLoad.ts";

const site = await sharedFlagship();

describe("one changed line", () => {
    test("the preview shows it as a diff, and up rolls it out without losing a request", async () => {
        await site.stack.pulumi("config", "set", "greeting", "Good evening");
        const preview = succeeded(await site.stack.preview("--diff"));
        expect(preview).toMatch(/- +<h1>Hello from evenkeel<\/h1>/);
        expect(preview).toMatch(/\+ +<h1>Good evening<\/h1>/);
        // Each host shows its changed file, then that it swaps it, then that it looks for what is gone.
        expect(preview).toContain("web: files: 0 added, 1 changed, 0 removed, 0 as before\n  ~ index.html\n");
        expect(preview).toMatch(/~ 6 to update\n\s+35 unchanged/);

        await expect(asGolden(preview)).toMatchFileSnapshot("previews/one-line.golden.txt");

        await underLoad(site, async () => succeeded(await site.stack.up()));

        // When its name was swapped: the bytes were on both hosts before.
        const swapped = (host: string) => site.on(host, "stat -c %.Z /var/www/html/index.html");
        expect(Number(await swapped("web-0"))).toBeLessThan(Number(await swapped("web-1")));

        await site.stack.pulumi("config", "rm", "greeting");
        succeeded(await site.stack.up());
    });
});

describe("a broken configuration", () => {
    test("up fails with an error that names host, file and the daemon's words; the former file stays; nothing is lost", async () => {
        const former = await site.on("lb-0", "cat /etc/haproxy/evenkeel/lb.cfg");
        // Arguments that HAProxy would refuse are refused before: this is somebody's file beside ours.
        const broken = "/etc/haproxy/evenkeel/theirs.cfg";
        await site.on("lb-0", `printf 'backend theirs from http\\n    balance fairest\\n' >${broken}`);
        const restore = site.edit("backends: web.hosts,", 'backends: web.hosts, balance: "leastconn",');
        const { exitCode, output } = await underLoad(site, () => site.stack.up()).finally(async () => {
            restore();
            await site.on("lb-0", `rm ${broken}`);
        });
        expect(exitCode).not.toBe(0);
        expect(output).toContain(
            "evenkeel: lb-0: role lb-balancer: /etc/haproxy/evenkeel/lb.cfg was refused by haproxy",
        );
        expect(output).toMatch(/theirs\.cfg:2\].*balance only supports 'roundrobin'/);
        expect(await site.on("lb-0", "cat /etc/haproxy/evenkeel/lb.cfg")).toBe(former);
        expect(await site.on("lb-1", "cat /etc/haproxy/evenkeel/lb.cfg")).toContain("balance roundrobin");
        succeeded(await site.stack.up());
    });
});
