import * as pulumi from "@pulumi/pulumi";
import { execa } from "execa";
import { afterEach, describe, expect, test, vi } from "vitest";
import { CloudName } from "../../../src/clouds/cloud.ts";
import { cloudOf } from "../../../src/clouds/cloudOf.ts";
import { anotherClouds } from "../../../src/clouds/slugs.ts";
import { vultr } from "../../../src/clouds/vultr.ts";
import { missingSlugs, scarceSize } from "../../../src/hosts/catalogue.ts";

afterEach(async () => {
    await pulumi.runtime.disconnect();
    pulumi.runtime.setAllConfig({});
});

describe("the catalogue", () => {
    const withKey = () => vi.stubEnv("VULTR_API_KEY", "word");

    /** What Vultr's provider is asked about a region and a plan, and what comes of its answers. */
    async function asked(answer: (token: string, id: string) => unknown, size?: string) {
        const calls: string[] = [];
        await pulumi.runtime.setMocks({
            newResource: ({ name }) => ({ id: name, state: {} }),
            call: ({ token, inputs }) => {
                const id = inputs.filters[0].values[0];
                calls.push(`${token.split(":").at(-1)} ${id}`);
                return answer(token, id) as object;
            },
        });
        const component = new pulumi.ComponentResource("test:index:Component", "web");
        // Every host of a program asks for the same.
        const ask = () => vultr.catalogue(component)?.({ region: "fra", size });
        const [found] = await Promise.all([ask(), ask()]);
        await pulumi.runtime.disconnect();
        return { found, calls };
    }
    const answers = (token: string) =>
        token.endsWith("getPlan") ? { locations: ["fra", "ewr"] } : { id: "fra", options: [] };
    /** As the engine tells of a function that fails. */
    const failing = (details: string) => () => Promise.reject(Object.assign(new Error(), { details }));
    const none = failing(
        "invocation of vultr:index/getRegion:getRegion returned an error: no results were found",
    );
    const slugs = { region: { at: "region", slug: "fra" }, size: { at: "size", slug: "vc2-1c-1gb" } };

    test("is what was asked for: the region, and the size where it has room", async () => {
        withKey();
        const { found, calls } = await asked(answers, "vc2-1c-1gb");
        expect(calls.toSorted()).toEqual(["getPlan vc2-1c-1gb", "getRegion fra"]);
        expect(missingSlugs(found!, slugs)).toEqual([]);
        expect(scarceSize(found!, slugs)).toBeUndefined();
        expect((await asked(answers)).calls).toEqual(["getRegion fra"]);
    });

    test("says of what is not there that it is not; what there is in its place, the provider does not tell", async () => {
        withKey();
        const { found } = await asked(none, "vc2-1c-1gb");
        expect(missingSlugs(found!, slugs)).toEqual([
            { propertyPath: "region", reason: '"fra" is no region of the cloud' },
            { propertyPath: "size", reason: '"vc2-1c-1gb" is no size of the cloud' },
        ]);
    });

    test("warns of a size that the region has no room for", async () => {
        withKey();
        const elsewhere = (token: string) =>
            token.endsWith("getPlan") ? { locations: ["ewr"] } : { id: "fra" };
        const { found } = await asked(elsewhere, "vc2-1c-1gb");
        expect(missingSlugs(found!, slugs)).toEqual([]);
        expect(scarceSize(found!, slugs)).toBe(
            "there is no vc2-1c-1gb in fra at present: the cloud would refuse a new host",
        );
    });

    test("is nobody's to tell without a key, or with one that is refused", async () => {
        vi.stubEnv("VULTR_API_KEY", "");
        expect(await asked(answers)).toEqual({ calls: [], found: undefined });
        withKey();
        expect((await asked(failing("Invalid API token."))).found).toBeUndefined();
    });

    test("a key in the stack's configuration is one", async () => {
        vi.stubEnv("VULTR_API_KEY", "");
        pulumi.runtime.setAllConfig({ "vultr:apiKey": "word" });
        expect((await asked(answers)).calls).toEqual(["getRegion fra"]);
    });
});

test.each([
    ["digitalocean", ["fra1", "nyc3"], ["s-1vcpu-1gb", "c-2", "gpu-h100x1-80gb", "512mb"]],
    ["vultr", ["fra", "ewr"], ["vc2-1c-1gb", "vhf-1c-1gb", "vhp-2c-2gb-amd", "voc-g-1c-4gb-30s-amd"]],
] as const)("slugs of %s are told from the others'", (own, regions, sizes) => {
    const [other] = Object.values(CloudName).filter((cloud) => cloud !== own);
    for (const [kind, slugs] of [["region", regions] as const, ["size", sizes] as const]) {
        for (const slug of slugs) {
            expect(anotherClouds(kind, slug, own)).toBeUndefined();
            expect(anotherClouds(kind, slug, other!)).toBe(own);
        }
        // What no cloud has may be one that is new.
        expect(anotherClouds(kind, "europe_9", own)).toBeUndefined();
    }
    expect(anotherClouds("size", cloudOf(own).defaults.size, own)).toBeUndefined();
});

test("a cloud's SDK is loaded when a program names that cloud, and not before", async () => {
    const program = `
        import { createRequire } from "node:module";
        const { CloudName } = await import("./src/index.ts");
        const { cloudOf } = await import("./src/clouds/cloudOf.ts");
        const loaded = (sdk) => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes("/node_modules/" + sdk + "/"));
        const both = () => [loaded("@pulumi/digitalocean"), loaded("@ediri/vultr")];
        const clouds = Object.values(CloudName).map(cloudOf);
        const before = both();
        cloudOf("vultr").catalogue({ getProvider() {} });
        console.log(JSON.stringify([clouds.length, before, both()]));`;
    const env = { VULTR_API_KEY: "", DIGITALOCEAN_TOKEN: "" };
    const { stdout } = await execa("node", ["--input-type=module", "--eval", program], { env });
    expect(JSON.parse(stdout)).toEqual([2, [false, false], [false, true]]);
});
