import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test } from "vitest";
import { FileSync, LoadBalancerPair, WebPool } from "../../src/index.ts";
import { ADDRESS, graphOf, renderGraph, reveal } from "../support/graph.ts";
import { host, hosts } from "../support/refusals.ts";

afterEach(async () => pulumi.runtime.disconnect());

const [a, b, c] = [host("a"), host("b"), host("c")];
const oneWay = { mode: "oneWay" as const, path: "/srv/pages", source: a, targets: [b, c] };
const twoWay = { mode: "twoWay" as const, path: "/srv/uploads", hosts: [a, b] };

type Told = [title: string, make: () => unknown, problems: string[]];

const belongs = (what: string, by: string) => [`path: ${what} on the host "a" belongs to ${by}`];
const overlapping: Told[] = [
    [
        "the folder of another sync",
        () => [new FileSync("one", twoWay), new FileSync("other", { ...twoWay, hosts: [c, a] })],
        belongs("/srv/uploads", 'FileSync "one"'),
    ],
    [
        "a folder within that of another sync",
        () => [new FileSync("one", twoWay), new FileSync("other", { ...oneWay, path: "/srv/uploads/2026" })],
        [
            ...belongs("/srv/uploads", 'FileSync "one"'),
            'path: /srv/uploads on the host "b" belongs to FileSync "one"',
        ],
    ],
    [
        "a folder around that of another sync",
        () => [
            new FileSync("one", twoWay),
            new FileSync("other", { ...twoWay, path: "/srv", hosts: [c, a] }),
        ],
        belongs("/srv/uploads", 'FileSync "one"'),
    ],
    [
        "the folder of deployed files",
        () => [
            new WebPool("web", { hosts: [a], documentRoot: "/srv/www", files: { "index.html": "x" } }),
            new FileSync("one", { ...twoWay, path: "/srv/www" }),
        ],
        belongs("/srv/www/index.html", 'WebPool "web"'),
    ],
    [
        "a folder with deployed files in it",
        () => [
            new WebPool("web", { hosts: [a], documentRoot: "/srv/www", files: { "uploads/first.txt": "x" } }),
            new FileSync("one", { ...twoWay, path: "/srv/www/uploads" }),
        ],
        belongs("/srv/www/uploads/first.txt", 'WebPool "web"'),
    ],
    [
        "files that are deployed into a folder of a sync",
        () => [
            new FileSync("one", { ...twoWay, path: "/srv/www/uploads" }),
            new WebPool("web", { hosts: [a], documentRoot: "/srv/www", files: { "uploads/first.txt": "x" } }),
        ],
        ['documentRoot: /srv/www/uploads on the host "a" belongs to FileSync "one"'],
    ],
];

const pair = (to: string) =>
    new LoadBalancerPair("lb", {
        hosts: hosts("lb-0", "lb-1"),
        virtualAddress: "10.0.9.9/24",
        http: [{ backends: [a, b, c], pinned: [{ path: "/wp-admin", to: host(to) }] }],
    });
const misled: Told[] = [
    [
        "a pin to a target",
        () => [new FileSync("site", oneWay), pair("b")],
        [
            'http[0].pinned[0].to: "b" has its files from "a" by FileSync "site": what is written there is lost; pin it to "a"',
        ],
    ],
    [
        "a target that requests are pinned to",
        () => [pair("c"), new FileSync("site", oneWay)],
        [
            'targets[1]: LoadBalancerPair "lb" pins /wp-admin to "c", and what is written there would be lost: pin it to the source "a"',
        ],
    ],
];

describe("folders and pins of two components that do not go together", () => {
    test.each([...overlapping, ...misled])("%s", async (_title, program, problems) => {
        const error = await graphOf(program).catch((error) => error);
        expect(pulumi.InputPropertiesError.isInstance(error), `${error}`).toBe(true);
        const found = (error as pulumi.InputPropertiesError).errors ?? [];
        expect(found.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`)).toEqual(problems);
    });
});

test("what does go together: uploads in a deployed folder, a pin to the source, a copy that is another one's source", async () => {
    const www = { documentRoot: "/srv/www", files: { "index.html": "x" } };
    await graphOf(() => [
        new WebPool("web", { hosts: [a, b], ...www }),
        new FileSync("uploads", { ...twoWay, path: "/srv/www/uploads" }),
        new FileSync("pages", { ...oneWay, targets: [b] }),
        new FileSync("styles", { ...oneWay, path: "/srv/styles", source: b, targets: [a] }),
        pair("a"),
        new FileSync("later", { ...twoWay, path: "/srv/uploads2" }),
    ]);
});

const program = () => {
    const pages = new FileSync("pages", { ...oneWay, exclude: ["*.part"], targets: [b] });
    const uploads = new FileSync("uploads", twoWay);
    const nightly = new FileSync("nightly", {
        ...oneWay,
        path: "/srv/nightly",
        mode: "periodic",
        every: "1h",
        targets: [c],
        readOnly: true,
    });
    const media = new FileSync("media", {
        mode: "shared",
        path: "/srv/media",
        hosts: [a, b],
        arbiter: c,
    });
    return [pages, uploads, nightly, media];
};

test("the graph of one sync of each mode", async () => {
    await expect(renderGraph(await graphOf(program))).toMatchFileSnapshot("fileSync.golden.txt");
});

test("no command text and no component input holds a secret or an address", async () => {
    for (const { type, name, inputs } of await graphOf(program)) {
        const open = JSON.stringify(
            { ...(reveal(inputs) as object), connection: undefined },
            (_key, value) => (value?.secret !== undefined ? "[secret]" : value),
        );
        expect(open, `${type} ${name}`).not.toMatch(/<private|PRIVATE KEY/);
        if (inputs.create) expect(inputs.create, name).not.toMatch(ADDRESS);
    }
});

test("a host has the files of one shared folder, or decides for one", async () => {
    const shared = { mode: "shared" as const, hosts: [a, b], arbiter: c };
    const error = await graphOf(() => [
        new FileSync("media", { ...shared, path: "/srv/media" }),
        new FileSync("more", { ...shared, path: "/srv/more", hosts: hosts("d", "e") }),
    ]).catch((error) => error);
    expect((error as pulumi.InputPropertiesError).errors).toEqual([
        {
            propertyPath: "mode",
            reason: 'GlusterFS on the host "c" belongs to FileSync "media"',
        },
    ]);
});

test("in another order the same hosts are the same sync, but for whom they would take as the centre", async () => {
    const graph = async (...names: string[]) => {
        const found = await graphOf(() => new FileSync("uploads", { ...twoWay, hosts: hosts(...names) }));
        return found.map(({ name }) => name);
    };
    expect(await graph("b", "a")).toEqual(await graph("a", "b"));
});

test("a third host adds its own and the others' doors, and nobody's key changes", async () => {
    const graph = (...names: string[]) =>
        graphOf(() => new FileSync("uploads", { ...twoWay, hosts: hosts(...names) }));
    const [two, three] = [await graph("a", "b"), await graph("a", "b", "c")];
    const render = (each: (typeof two)[number]) => renderGraph([{ ...each, dependencies: [] }]);
    const before = new Map(two.map((each) => [each.name, render(each)]));
    const changed = three.filter((each) => before.get(each.name) !== render(each)).map(({ name }) => name);
    expect(changed).toEqual([
        "uploads",
        "uploads-a-sync",
        "uploads-b-sync",
        "uploads-c-copied",
        "uploads-c-install",
        "uploads-c-sync",
        "uploads-c-sync-key",
    ]);
});
