import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test } from "vitest";
import { type BackupDestination, DatabaseBackups, GaleraCluster, Site, WebPool } from "../../src/index.ts";
import { type GraphResource, graphOf, renderGraph } from "../support/graph.ts";

afterEach(async () => pulumi.runtime.disconnect());

const bucket = {
    bucket: "shop",
    endpoint: "https://fra1.digitaloceanspaces.com",
    accessKey: pulumi.secret("<access-key>"),
    secretKey: pulumi.secret("<secret-key>"),
};

function shop({ to, ...more }: { to?: BackupDestination; keep?: number } = {}) {
    const site = new Site("shop", { cloud: "digitalocean", region: "fra1" });
    const db = new GaleraCluster("db", { placement: site.placement });
    const web = new WebPool("web", { placement: site.placement, hostCount: 1 });
    return new DatabaseBackups("backups", {
        servers: db.hosts,
        endpoint: db.endpoint,
        to: to ?? { host: web.hosts[0]!, folder: "/srv/backups" },
        ...more,
    });
}

const own = (graph: GraphResource[]) => graph.filter(({ name }) => name.startsWith("backups"));

test("the graph of backups to a folder", async () => {
    await expect(renderGraph(own(await graphOf(() => shop())))).toMatchFileSnapshot("backups.golden.txt");
});

test("in preview all texts are known before any address is", async () => {
    const graph = own(await graphOf(() => shop(), { preview: true }));
    const commands = graph.filter(({ type }) => type === "command:remote:Command");
    expect(commands).toHaveLength(8);
    for (const { name, inputs } of commands) expect(inputs.create, name).toMatch(/^(#|\. )/);
});

test("a bucket needs no other host, and its keys are in no text and in no recorded argument", async () => {
    const graph = own(await graphOf(() => shop({ to: bucket })));
    expect(graph.map(({ name }) => name)).not.toContain("backups-web-0-folder");
    for (const { name, type, inputs } of graph) {
        const open = type === "command:remote:Command" ? inputs.create : JSON.stringify(inputs);
        expect(open, name).not.toMatch(/<(access|secret)-key>|<password/);
    }
});

test("the first member makes the repository, so they come one after the other", async () => {
    const graph = await graphOf(() => shop());
    const after = (name: string) => graph.find((each) => each.name === name)!.dependencies;
    expect(after("backups-db-0-backups")).toContain("backups-web-0-folder");
    expect(after("backups-db-1-backups")).toContain("backups-db-0-backups");
    expect(after("backups-db-2-backups")).toContain("backups-db-1-backups");
});
