import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fetchMany } from "../../../../tools/fetching.ts";
import { within } from "../../../../tools/waiting.ts";
import { succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";
import { underLoad } from "../../../support/underLoad.ts";
import { urnOfHost } from "../../../support/urns.ts";

const site = await sharedFlagship();
const GONE = "web-0";
const page = readFileSync(new URL("../../../../docs/gone-for-good.md", import.meta.url), "utf8");

test("the first web host is gone for good, and another one takes its place and its name: no request is lost", async () => {
    expect(page).toContain("pulumi up --replace 'urn:pulumi:…::web-1'");
    const { droplets } = (await site.api("GET", "/v2/droplets")) as {
        droplets: { id: number; name: string }[];
    };
    const { id } = droplets.find(({ name }) => name === GONE)!;
    await site.api("DELETE", `/v2/droplets/${id}`);
    // Until the balancers have noticed, as with every host that dies.
    await within(30, "the others to answer alone", async () =>
        (await fetchMany(site.url, 20)).every(({ servedBy }) => servedBy !== GONE),
    );
    await underLoad(site, async () =>
        succeeded(await site.stack.up("--replace", await urnOfHost(site.stack, GONE))),
    );
    // It has the former one's address and another MAC: kernels believe in the former one for 45 s at most, and look again for 8.
    const servers = async () => {
        const answers = await fetchMany(site.url, 100);
        return [...new Set(answers.map(({ servedBy }) => servedBy))].sort();
    };
    await expect.poll(servers, { timeout: 60_000 }).toEqual(["web-0", "web-1"]);
    succeeded(await site.stack.up("--expect-no-changes"));
});
