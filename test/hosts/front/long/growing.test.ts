import { describe, expect, test } from "vitest";
import { fetchMany } from "../../../../tools/fetching.ts";
import { succeeded } from "../../../support/flagship.ts";
import { diffsAsGolden } from "../../../support/golden.ts";
import { recorded, secretsIn } from "../../../support/recorded.ts";
import { givenAway, journal, openFiles, sampleProcesses, search } from "../../../support/secretSearch.ts";
import { sharedFlagship } from "../../../support/shared.ts";
import { underLoad } from "../../../support/underLoad.ts";

const site = await sharedFlagship();
/** Command lines and environments of processes while the hosts were made. */
let seen = new Set<string>();

describe("growing", () => {
    test("from 2 to 4 web hosts under load: no request is lost, and the first two stay the same hosts", async () => {
        const ids = async () =>
            (await site.on("web-0", "cat /etc/machine-id")) + (await site.on("web-1", "cat /etc/machine-id"));
        const before = await ids();
        await site.stack.pulumi("config", "set", "webHosts", "4");
        const { resources, summary } = diffsAsGolden(succeeded(await site.stack.preview("--diff")));
        const onOldHosts = resources.filter((each) => /\(update\)|content tidy/.test(each));
        await expect([...onOldHosts, summary].join("\n")).toMatchFileSnapshot(
            "../previews/growth-balancers.golden.txt",
        );
        const sampling = sampleProcesses(site);
        await underLoad(site, async () => succeeded(await site.stack.up()));
        seen = await sampling.stop();
        expect(await ids()).toBe(before);
        const servers = (await fetchMany(site.url, 200)).map(({ servedBy }) => servedBy);
        expect([...new Set(servers)].sort()).toEqual(["web-0", "web-1", "web-2", "web-3"]);
    });

    test("hosts that came to be told no secret: in no process, journal or open file", async () => {
        const searched = { ...site, secrets: secretsIn(await recorded(site.stack)) };
        expect(Object.keys(searched.secrets)).toContain("web-3-host-key");
        expect([...seen].some((text) => text.includes("/usr/local/lib/evenkeel/role.bash"))).toBe(true);
        for (const text of seen) expect(givenAway(searched, text), text.replaceAll("\0", " ")).toEqual([]);
        for (const host of ["web-2", "web-3"])
            for (const place of [journal, openFiles])
                expect(await search(searched, host, place), host).toEqual([]);
    });

    test("and back to 2: no request is lost", async () => {
        await site.stack.pulumi("config", "set", "webHosts", "2");
        await underLoad(site, async () => succeeded(await site.stack.up()));
    });
});
