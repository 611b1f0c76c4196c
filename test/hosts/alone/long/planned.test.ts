import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { type DatabaseStack, deployDatabase, lostRows, startWriter } from "../../../support/databases.ts";
import { deployFlagship, editFile, type Flagship, succeeded } from "../../../support/flagship.ts";
import { offerRebuilt } from "../../../support/rebuilt.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { underLoad } from "../../../support/underLoad.ts";

const BALANCERS = ["lb-0", "lb-1"];
const HOSTS = [...BALANCERS, "web-0", "web-1"];

describe("a site", () => {
    let site: Flagship;
    beforeAll(async () => {
        site = await deployFlagship("test-planned");
    });
    afterAll(async () => site?.remove());
    const everywhere = (command: string) => Promise.all(HOSTS.map((host) => site.on(host, command)));

    test("is upgraded and restarted host by host, with no request lost", async () => {
        await Promise.all(
            HOSTS.map((host) => offerRebuilt(site.cloud, [host], ["haproxy", "keepalived", "nginx"])),
        );
        await everywhere(
            "echo linux-image >/run/reboot-required.pkgs; touch /run/reboot-required /run/boot-mark",
        );
        const upgrade = 'upgrade: { on: "2026-12-01", reboot: true }, placement: site.placement,';
        const undo = site.edit(/placement: site\.placement,/g, upgrade);
        const preview = succeeded(await site.stack.preview("--diff"));
        // For each host one that upgrades it, and one that sees it well again.
        expect(preview.match(/# Of 2026-12-01\./g)).toHaveLength(2 * HOSTS.length);
        // Killed while a host is out of service: that one goes on by itself, and the next `up` with the others.
        const output = await underLoad(site, async () => {
            const up = site.stack.start("up", "--yes", "--skip-preview");
            await within(300, "web-0 to be out of service", async () =>
                Boolean(await site.on("web-0", "ls /run/evenkeel-drained 2>/dev/null || true")),
            );
            await up.kill();
            succeeded(await site.stack.pulumi("cancel", "--yes"));
            return succeeded(await site.stack.up());
        });
        expect(output).toMatch(/lb-0: upgraded .*haproxy \S+\+rebuilt/);
        expect(output).toMatch(/web-1: upgraded .*nginx\S* \S+\+rebuilt/);
        for (const host of HOSTS.filter((each) => each !== "web-0"))
            expect(output).toMatch(new RegExp(`${host}: restarts: linux-image asks for it`));
        // A boot has emptied /run.
        expect(await everywhere("ls /run/boot-mark /run/reboot-required 2>/dev/null || true")).toEqual(
            HOSTS.map(() => ""),
        );
        const versions = await everywhere(
            `dpkg-query -W -f '\${Version}\\n' haproxy keepalived nginx-light 2>/dev/null || true`,
        );
        for (const each of versions) expect(each).toMatch(/\+rebuilt/);
        succeeded(await site.stack.up("--expect-no-changes"));
        undo();
        await underLoad(site, async () => succeeded(await site.stack.up()));
    });

    test("gets another size host by host, with no request lost", async () => {
        site.edit(/placement: site\.placement,/g, 'size: "s-1vcpu-2gb", placement: site.placement,');
        await underLoad(site, async () => succeeded(await site.stack.up()));
        const { droplets } = (await site.api("GET", "/v2/droplets")) as { droplets: { size_slug: string }[] };
        expect(droplets.map((droplet) => droplet.size_slug)).toEqual(HOSTS.map(() => "s-1vcpu-2gb"));
        succeeded(await site.stack.up("--expect-no-changes"));
    });
});

describe("a Galera cluster", () => {
    let db: DatabaseStack;
    beforeAll(async () => {
        db = await deployDatabase("test-planned-galera", "examples/galera-cluster");
    });
    afterAll(async () => db?.remove());

    test("gets another size member by member, and loses no acknowledged row", async () => {
        editFile(`${db.stack.folder}/index.ts`, "hostCount", 'size: "s-1vcpu-2gb", hostCount');
        const writer = await startWriter(db, "web-0", "resized");
        succeeded(await db.stack.up());
        const written = await writer.stop();
        expect(await lostRows(db, "web-0", "resized", written)).toEqual([]);
        expect(written.gapMs).toBeLessThan(15_000);
        await db.synced(MEMBERS);
        succeeded(await db.stack.up("--expect-no-changes"));
    });
});
