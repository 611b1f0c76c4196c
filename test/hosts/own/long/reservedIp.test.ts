import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fetchOnce, succeeded as served } from "../../../../tools/fetching.ts";
import { apiOf, editFile, succeeded } from "../../../support/flagship.ts";
import { carriers, NAMES, settingsOf } from "../../../support/ownHosts.ts";
import { restoredAfter, sharedOwnHosts } from "../../../support/shared.ts";

const { cloud, stack, droplets, before } = await sharedOwnHosts();
const api = apiOf(cloud);

const { program } = restoredAfter(stack);

describe("with a reserved IP of their cloud", () => {
    test("the same hosts, told what they are to the cloud: the page is served there, from outside", async () => {
        const ids = JSON.stringify(Object.fromEntries(droplets.map(({ id, name }) => [name, String(id)])));
        editFile(
            program,
            "    privateAddress: address,",
            `    privateAddress: address,\n    cloud: "digitalocean" as const,\n    id: (${ids} as Record<string, string>)[name]!,\n    region: "fra1",`,
        );
        editFile(
            program,
            'virtualAddress: config.require("virtualAddress"),',
            'failoverToken: config.requireSecret("failoverToken"), deletionProtection: false,',
        );
        expect(readFileSync(program, "utf8")).not.toContain("virtualAddress:");
        succeeded(await stack.up());
        const { url } = (await stack.outputs()) as { url: string };
        await expect.poll(async () => served(await fetchOnce(url, 2000)), { timeout: 10_000 }).toBe(true);
        expect(await carriers(cloud)).toEqual([]);
        succeeded(await stack.up("--expect-no-changes"));
    });

    test("their firewalls are theirs, in the cloud and on the hosts", async () => {
        expect(((await api("GET", "/v2/firewalls")) as { firewalls: unknown[] }).firewalls).toEqual([]);
        expect(await Promise.all(NAMES.map((name) => settingsOf(cloud, name)))).toEqual(before);
    });
});
