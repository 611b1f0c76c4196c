import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";

const config = new pulumi.Config();

const site = new evenkeel.Site("shop", { cloud: "digitalocean", region: config.require("region") });

const db = new evenkeel.ReplicatedMySQL("db", {
    placement: site.placement,
    hostCount: config.requireNumber("databaseHosts"),
});

const web = new evenkeel.WebPool("web", {
    placement: site.placement,
    files: { "index.html": "<!doctype html>\n<h1>Shop</h1>\n" },
});

const shop = new evenkeel.Database("shop", {
    servers: db.hosts,
    endpoint: db.endpoint,
    clients: web.hosts,
});

// Each night a replica sends a backup there, and the primary what it wrote every three minutes; a host of its own or a
// bucket is safer still.
new evenkeel.DatabaseBackups("backups", {
    servers: db.hosts,
    endpoint: db.endpoint,
    to: { host: web.hosts[0]!, folder: "/srv/backups" },
});

export const connection = shop.connection;
/** What `npx evenkeel db` goes by. */
export const database = pulumi.secret({ endpoint: db.endpoint, hosts: db.hosts });
