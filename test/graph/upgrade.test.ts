import { expect, test } from "vitest";
import { GaleraCluster, WebPool } from "../../src/index.ts";
import { graphOf } from "../support/graph.ts";
import { placement } from "../support/refusals.ts";

const upgrade = { on: "2026-12-01" };

test("one host at a time in all of the program: each once its role is there, before the next one's turn", async () => {
    const graph = await graphOf(() => {
        const web = new WebPool("web", { placement, upgrade: { ...upgrade, reboot: true } });
        new GaleraCluster("db", { placement, upgrade });
        return web;
    });
    const named = (name: string) => graph.find((each) => each.name === name)!;
    const waits = (name: string) => named(name).dependencies;
    expect(waits("web-0-upgrade")).toContain("web-0-web");
    expect(waits("web-0-restart")).toContain("web-0-upgrade");
    expect(waits("web-1-web")).toContain("web-0-restart");
    expect(waits("web-1-upgrade")).toEqual(expect.arrayContaining(["web-1-web", "web-0-restart"]));
    // The members in their order, the first by name last.
    expect(waits("db-2-upgrade")).toEqual(expect.arrayContaining(["db-2-galera", "web-1-restart"]));
    expect(waits("db-1-galera")).toContain("db-2-upgrade");
    expect(waits("db-0-upgrade")).toEqual(expect.arrayContaining(["db-0-galera", "db-1-upgrade"]));
    // What a reviewer reads.
    expect(named("db-0-upgrade").inputs.create).toBe(
        "# Of 2026-12-01.\n/usr/local/lib/evenkeel/planned-work upgrade db-0",
    );
    expect(named("web-1-upgrade").inputs.create).toBe(
        "# Of 2026-12-01.\n/usr/local/lib/evenkeel/planned-work upgrade web-1 reboot",
    );
});

test("nothing of it without the argument", async () => {
    const graph = await graphOf(() => new WebPool("web", { placement }));
    expect(graph.filter(({ name }) => /upgrade|restart/.test(name))).toEqual([]);
});
