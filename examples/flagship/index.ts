import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";

const config = new pulumi.Config();

const site = new evenkeel.Site("shop", { cloud: "digitalocean", region: config.require("region") });

const databaseHosts = config.requireNumber("databaseHosts");

const web = new evenkeel.WebPool("web", {
    placement: site.placement,
    hostCount: config.requireNumber("webHosts"),
    files: { "index.html": `<!doctype html>\n<h1>${config.require("greeting")}</h1>\n` },
    ...(databaseHosts > 0 ? { php: true, folder: `${import.meta.dirname}/pages` } : {}),
});

const lb = new evenkeel.LoadBalancerPair("lb", {
    placement: site.placement,
    http: [{ backends: web.hosts, pinned: [{ path: "/wp-admin", to: web.hosts[0]! }] }],
    failoverToken: config.requireSecret("failoverToken"),
    deletionProtection: config.requireBoolean("deletionProtection"),
});

if (databaseHosts > 0) {
    const db = new evenkeel.GaleraCluster("db", {
        placement: site.placement,
        hostCount: databaseHosts,
        deletionProtection: config.requireBoolean("deletionProtection"),
    });
    // The pages connect with what stands in /etc/evenkeel/databases/shop.cnf.
    new evenkeel.Database("shop", {
        servers: db.hosts,
        endpoint: db.endpoint,
        clients: web.hosts,
        group: web.user!,
    });
}

export const url = lb.url;
export const address = lb.address;
