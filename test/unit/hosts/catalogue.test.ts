import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import { digitalocean } from "../../../src/clouds/digitalocean.ts";
import { missingSlugs, scarceSize } from "../../../src/hosts/catalogue.ts";

afterEach(async () => {
    await pulumi.runtime.disconnect();
    pulumi.runtime.setAllConfig({});
});

const regions = [
    { slug: "fra1", sizes: ["s-1vcpu-1gb"] },
    { slug: "nyc3", sizes: ["s-1vcpu-1gb", "gpu-h100x1-80gb"] },
];
const catalogue = { regions, sizes: ["s-1vcpu-1gb", "gpu-h100x1-80gb"] };
const slugs = (region: string, size = "s-1vcpu-1gb") => ({
    region: { at: "placement.region", slug: region },
    size: { at: "size", slug: size },
});

test("a region and a size that the cloud lacks are told together, with the nearest there is", () => {
    expect(missingSlugs(catalogue, slugs("fra1"))).toEqual([]);
    expect(missingSlugs(catalogue, slugs("fra2", "s-1vcpu-1g"))).toEqual([
        {
            propertyPath: "placement.region",
            reason: '"fra2" is no region of the cloud: did you mean "fra1"?',
        },
        { propertyPath: "size", reason: '"s-1vcpu-1g" is no size of the cloud: did you mean "s-1vcpu-1gb"?' },
    ]);
    expect(missingSlugs(catalogue, slugs("europe-west"))).toEqual([
        {
            propertyPath: "placement.region",
            reason: '"europe-west" is no region of the cloud: there are fra1, nyc3',
        },
    ]);
});

test("a size that the region has no room for at present is no error, as hosts of that size may stand there", () => {
    expect(missingSlugs(catalogue, slugs("fra1", "gpu-h100x1-80gb"))).toEqual([]);
    expect(scarceSize(catalogue, slugs("fra1", "gpu-h100x1-80gb"))).toMatch(
        "no gpu-h100x1-80gb in fra1 at present",
    );
    expect(scarceSize(catalogue, slugs("nyc3", "gpu-h100x1-80gb"))).toBeUndefined();
});

/** What DigitalOcean's provider is asked, and what comes of its answer. */
async function asked(answer: (token: string) => unknown) {
    const calls: string[] = [];
    await pulumi.runtime.setMocks({
        newResource: ({ name }) => ({ id: name, state: {} }),
        call: ({ token }) => {
            calls.push(token);
            return answer(token) as object;
        },
    });
    const component = new pulumi.ComponentResource("test:index:Component", "web");
    const ask = () => digitalocean.catalogue(component)?.({ region: "fra1", size: undefined });
    const found = [ask(), ask()];
    return { calls, found: await found[0], isOne: found[0] === found[1] };
}

const sizes = catalogue.sizes.map((slug) => ({ slug, memory: 1024 }));
const answers = (token: string) => (token.endsWith("getRegions") ? { regions } : { sizes });
const withToken = () => pulumi.runtime.setAllConfig({ "digitalocean:token": "dop_v1_x" });

test("with a token DigitalOcean is asked, once in a run", async () => {
    withToken();
    const { calls, found, isOne } = await asked(answers);
    expect(found).toEqual(catalogue);
    expect(isOne).toBe(true);
    expect(calls.toSorted()).toEqual(
        ["getRegions", "getSizes"].map((name) => `digitalocean:index/${name}:${name}`),
    );
});

test.each(["DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"])("a token in %s is one", async (name) => {
    vi.stubEnv(name, "dop_v1_x");
    expect((await asked(answers)).found).toEqual(catalogue);
});

test("without a token nobody is asked", async () => {
    vi.stubEnv("DIGITALOCEAN_TOKEN", "");
    vi.stubEnv("DIGITALOCEAN_ACCESS_TOKEN", "");
    expect(await asked(answers)).toEqual({ calls: [], found: undefined, isOne: true });
});

test.each<[string, () => unknown]>([
    ["refuses the token", () => Promise.reject(new Error("401 Unable to authenticate you"))],
    ["is not configured yet", () => ({})],
])("a provider that %s knows nothing: what is to be created tells it", async (_what, answer) => {
    withToken();
    expect((await asked(answer)).found).toBeUndefined();
});
