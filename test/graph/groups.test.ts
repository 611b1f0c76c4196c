import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, test } from "vitest";
import { type PoolGroup, Site, WebPool, type WebPoolArgs } from "../../src/index.ts";
import { type GraphResource, graphOf } from "../support/graph.ts";
import { hosts } from "../support/refusals.ts";

afterEach(async () => pulumi.runtime.disconnect());

const release = { folder: "examples/flagship" };
const next = { folder: "examples/flagship", public: "pages" };
const other = { folder: "examples/own-hosts" };
const all = ["w", "x", "y", "z"];
const [a, b]: [PoolGroup, PoolGroup] = [
    { name: "a", hosts: ["y", "w"] },
    { name: "b", hosts: ["x", "z"] },
];
const gate = { latency: 500 };

const poolOf = (args: Partial<WebPoolArgs>) =>
    graphOf(() => new WebPool("shop", { hosts: hosts(...all), php: true, release, ...args }));
const named = (graph: GraphResource[], name: string) => graph.find((each) => each.name === name)!;
const text = (graph: GraphResource[], name: string) => String(named(graph, name).inputs.create);
const waits = (graph: GraphResource[], name: string) =>
    named(graph, name).dependencies.filter((each) => !/-(install|content)$/.test(each));

/** What an `up` would do to go from one to the other, as the engine compares them. */
async function changes(before: Partial<WebPoolArgs>, after: Partial<WebPoolArgs>): Promise<string[]> {
    const [old, now] = [await poolOf(before), await poolOf(after)];
    const commands = (graph: GraphResource[]) =>
        new Map(
            graph
                .filter(({ type }) => type === "command:remote:Command")
                .map(({ name, inputs }) => [name, JSON.stringify([inputs.create, inputs.stdin])]),
        );
    const [were, are] = [commands(old), commands(now)];
    return [
        ...[...are.keys()].filter((name) => !were.has(name)).map((name) => `+ ${name}`),
        ...[...are.keys()]
            .filter((name) => were.has(name) && were.get(name) !== are.get(name))
            .map((name) => `~ ${name}`),
        ...[...were.keys()].filter((name) => !are.has(name)).map((name) => `- ${name}`),
    ];
}

describe("groups behind a gate", () => {
    test("come one after the other, and in each of them the first host is alone with what is new", async () => {
        const graph = await poolOf({ groups: [a, b], gate });
        expect(waits(graph, "shop-y-web")).toEqual([]);
        expect(waits(graph, "shop-y-publish")).toEqual(["shop-y-web"]);
        expect(waits(graph, "shop-w-web")).toEqual(["shop-y-publish"]);
        expect(waits(graph, "shop-w-publish")).toEqual(["shop-w-web", "shop-y-publish"]);
        for (const host of ["y", "w"]) {
            expect(waits(graph, `shop-${host}-keep`)).toEqual(["shop-w-publish", "shop-y-publish"]);
            expect(waits(graph, `shop-${host}-tidy`)).toEqual(["shop-w-keep", "shop-y-keep"]);
        }
        // Nothing of the second group changes before all of the first one are through.
        expect(waits(graph, "shop-x-web")).toEqual(["shop-w-keep", "shop-y-keep"]);
        expect(waits(graph, "shop-x-publish")).toEqual(["shop-x-web"]);
        expect(waits(graph, "shop-z-publish")).toEqual(["shop-x-publish", "shop-z-web"]);
        // Files travel to all at once.
        const arrived = all.map((host) => `shop-${host}-content`);
        for (const host of all) {
            expect(named(graph, `shop-${host}-web`).dependencies).toEqual(expect.arrayContaining(arrived));
            expect(named(graph, `shop-${host}-content`).dependencies).toEqual([`shop-${host}-install`]);
        }
    });

    test("of one host each have nobody to wait for", async () => {
        const groups = [
            { name: "a", hosts: ["w"] },
            { name: "b", hosts: ["x", "y", "z"] },
        ];
        const graph = await poolOf({ groups, gate });
        expect(named(graph, "shop-w-keep")).toBeUndefined();
        expect(text(graph, "shop-w-publish")).not.toContain("--lease");
        expect(waits(graph, "shop-x-web")).toEqual(["shop-w-publish"]);
    });

    test("have a command that says what is watched, and how", async () => {
        const graph = await poolOf({ groups: [a, b], gate, port: 8080, healthPath: "/up" });
        const settings = /--settings ([0-9a-f]{12})/.exec(text(graph, "shop-y-publish"))![1];
        expect(
            text(graph, "shop-y-publish"),
        ).toBe(`/usr/local/lib/evenkeel/site-gate publish shop-content y \\
    --group a --hosts y,w --settings ${settings} \\
    --errors 1 --latency 500 --seconds 30 --requests 20 \\
    --health http://y:8080/up --log /var/log/nginx/evenkeel-shop-gate.log --php /run/php/evenkeel-shop.sock \\
    --lease 180`);
        expect(text(graph, "shop-y-keep")).toBe(
            text(graph, "shop-y-publish").replace("site-gate publish", "site-gate keep"),
        );
        expect(text(graph, "shop-y-web")).toContain(
            'log_format gate_of_shop "$msec $status $request_time $upstream_status";',
        );
        expect(text(graph, "shop-y-web")).toContain(
            "    access_log /var/log/nginx/access.log;\n    access_log /var/log/nginx/evenkeel-shop-gate.log gate_of_shop;\n",
        );
        expect(text(graph, "shop-y-web")).toContain("\nstate /var/log/nginx/evenkeel-shop-gate.log\n");
        expect(text(graph, "shop-y-install")).toContain(" site-gate\n");
        // Without PHP there is none to ask.
        expect(text(await poolOf({ groups: [a, b], gate, php: false }), "shop-y-publish")).not.toContain(
            "--php",
        );
    });

    test("are read in a preview, before anything is known of hosts that are to be made", async () => {
        const program = () => {
            const site = new Site("site", { cloud: "digitalocean", region: "fra1" });
            const groups = [
                { name: "a", hosts: ["shop-0"] },
                { name: "b", hosts: ["shop-1"], release: other },
            ];
            new WebPool("shop", {
                placement: site.placement,
                hostCount: 2,
                php: true,
                release,
                groups,
                gate,
            });
        };
        const [preview, up] = [await graphOf(program, { preview: true }), await graphOf(program)];
        for (const name of ["shop-0-publish", "shop-1-publish", "shop-1-web", "shop-1-content"])
            expect(text(preview, name)).toBe(text(up, name));
        expect(waits(up, "shop-1-web")).toContain("shop-0-publish");
    });

    test("are asked again when settings change, in the group that has them", async () => {
        const strange = { ...b, phpSettings: { precision: 12 } };
        expect(await changes({ groups: [a, b], gate }, { groups: [a, strange], gate })).toEqual(
            ["x", "z"].flatMap((host) => ["keep", "publish", "web"].map((kind) => `~ shop-${host}-${kind}`)),
        );
    });

    test("are not, when a limit is another one, but to hear of it", async () => {
        const stricter = await changes({ groups: [a, b], gate }, { groups: [a, b], gate: { latency: 400 } });
        expect(stricter).toEqual(all.flatMap((host) => [`~ shop-${host}-keep`, `~ shop-${host}-publish`]));
    });
});

describe("groups without a gate", () => {
    test("come one after the other all the same", async () => {
        const graph = await poolOf({ groups: [a, b] });
        expect(waits(graph, "shop-y-publish")).toEqual([]);
        expect(waits(graph, "shop-w-publish")).toEqual(["shop-y-publish"]);
        expect(waits(graph, "shop-w-web")).toEqual(["shop-w-publish", "shop-y-web"]);
        expect(waits(graph, "shop-x-publish")).toEqual(["shop-w-web", "shop-y-web"]);
        expect(waits(graph, "shop-x-web")).toEqual(["shop-w-web", "shop-x-publish", "shop-y-web"]);
        expect(text(graph, "shop-y-publish")).toBe("/usr/local/lib/evenkeel/content publish shop-content y");
        expect(text(graph, "shop-y-web")).not.toContain("gate");
    });

    test("are upgraded within their turn", async () => {
        const graph = await poolOf({ groups: [a, b], upgrade: { on: "2026-12-01" } });
        expect(waits(graph, "shop-x-publish")).toEqual(["shop-w-upgrade", "shop-y-upgrade"]);
        const gated = await poolOf({ groups: [a, b], gate, upgrade: { on: "2026-12-01" } });
        expect(waits(gated, "shop-y-upgrade")).toEqual(["shop-y-keep"]);
        expect(waits(gated, "shop-x-web")).toEqual(["shop-w-upgrade", "shop-y-upgrade"]);
    });
});

describe("what a group has for itself", () => {
    test("is its hosts', and the rest is the pool's", async () => {
        const groups = [
            {
                ...a,
                release: next,
                files: { "pages/group.txt": "a" },
                phpWorkers: 3,
                phpSettings: { precision: 12 },
                maxUpload: 100,
                staticMaxAge: 60,
            },
            b,
        ];
        const graph = await poolOf({
            groups,
            files: { "note.txt": "of all" },
            phpSettings: { "date.timezone": "UTC" },
        });
        const [y, x] = [text(graph, "shop-y-web"), text(graph, "shop-x-web")];
        expect(y).toContain("root /var/www/shop/current/pages;");
        expect(x).toContain("root /var/www/shop/current;");
        expect([/pm.max_children = (\d+)/.exec(y)![1], /pm.max_children = (\d+)/.exec(x)![1]]).toEqual([
            "3",
            "8",
        ]);
        expect(y).toContain("php_admin_value[precision]");
        expect(x).not.toContain("precision");
        for (const host of [x, y]) expect(host).toContain("date.timezone");
        expect([y.includes("client_max_body_size 100m"), x.includes("client_max_body_size 64m")]).toEqual([
            true,
            true,
        ]);
        const root = (host: string) => /^content (.+)$/m.exec(text(graph, `shop-${host}-content`))![1];
        expect(root("y")).toBe(root("w"));
        expect(root("y")).not.toBe(root("x"));
        expect(text(graph, "shop-y-content")).toContain("text -n note.txt");
        expect(text(graph, "shop-y-content")).toContain("text -n pages/group.txt");
        expect(text(graph, "shop-x-content")).not.toContain("group.txt");
        // Where `npx evenkeel status` tells of it.
        expect(text(graph, "shop-y-content")).toContain("reports 'release of a' ");
        // Recorded in plain: without texts, and with no place of this machine.
        expect(named(graph, "shop").inputs.groups).toEqual([
            {
                ...a,
                release: next,
                phpWorkers: 3,
                phpSettings: { precision: 12 },
                maxUpload: 100,
                staticMaxAge: 60,
            },
            b,
        ]);
    });

    test("is no other order of the pool's hosts, which have their groups' workers", async () => {
        let pool: WebPool | undefined;
        await graphOf(() => {
            pool = new WebPool("shop", {
                hosts: hosts(...all),
                php: true,
                release,
                groups: [b, { ...a, phpWorkers: 3 }],
            });
        });
        expect(pool!.hosts.map(({ name, workers }) => [name, workers])).toEqual([
            ["w", 3],
            ["x", 8],
            ["y", 3],
            ["z", 8],
        ]);
    });
});

describe("groups that change", () => {
    test("their order: nothing is done", async () => {
        expect(await changes({ groups: [a, b], gate }, { groups: [b, a], gate })).toEqual([]);
        expect(await changes({ groups: [a, b] }, { groups: [b, a] })).toEqual([]);
    });

    test("a host that goes over to another one: it gets what that one has", async () => {
        const mine = { ...a, release: other };
        const groups = [
            { ...mine, hosts: ["y"] },
            { ...b, hosts: ["x", "z", "w"] },
        ];
        expect(await changes({ groups: [mine, b] }, { groups })).toEqual(
            ["content", "publish", "tidy"].map((kind) => `~ shop-w-${kind}`),
        );
        // A gate tells who is in the group; where that is all that is new, it has nothing to watch.
        const changed = await changes({ groups: [mine, b], gate }, { groups, gate });
        expect(changed.filter((each) => each.endsWith("-web"))).toEqual([]);
        expect(changed.filter((each) => each.includes("-y-"))).toEqual(["~ shop-y-publish", "- shop-y-keep"]);
    });

    test("one that is gone, with its hosts in the other: they get what that one has", async () => {
        const one = [{ name: "b", hosts: ["x", "z", "y", "w"] }];
        expect(await changes({ groups: [{ ...a, release: other }, b] }, { groups: one })).toEqual(
            ["w", "y"].flatMap((host) =>
                ["content", "publish", "tidy"].map((kind) => `~ shop-${host}-${kind}`),
            ),
        );
    });

    test("all are taken out: what they had for themselves goes, and the gate with them", async () => {
        // Where they had the pool's release, only what tells of groups.
        expect(await changes({ groups: [a, b] }, {})).toEqual(all.map((host) => `~ shop-${host}-content`));
        expect(await changes({}, { groups: [a, b] })).toEqual(all.map((host) => `~ shop-${host}-content`));
        expect(await changes({ groups: [a, b], gate }, {})).toEqual([
            ...all.flatMap((host) =>
                ["content", "install", "publish", "web"].map((kind) => `~ shop-${host}-${kind}`),
            ),
            ...all.map((host) => `- shop-${host}-keep`),
        ]);
    });

    test("another host joins: those that are there have nothing to do but to hear of it", async () => {
        const before = { hosts: hosts("w", "x", "y"), groups: [a, { ...b, hosts: ["x"] }], gate };
        const changed = await changes(before, { groups: [a, b], gate });
        expect(changed.filter((each) => !each.includes("-z-"))).toEqual([
            "+ shop-x-keep",
            "~ shop-x-publish",
        ]);
    });
});

test("of a group that has no news nothing is done when another one has another release", async () => {
    const changed = await changes({ groups: [a, b], gate }, { groups: [{ ...a, release: other }, b], gate });
    expect(changed.filter((each) => /-(x|z)-/.test(each))).toEqual([]);
    expect(changed).toContain("~ shop-y-publish");
});
