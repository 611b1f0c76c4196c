import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";

const config = new pulumi.Config();

const site = new evenkeel.Site("shop", { cloud: "digitalocean", region: config.require("region") });

const web = new evenkeel.WebPool("web", {
    placement: site.placement,
    hostCount: 3,
    files: { "index.html": "<!doctype html>\n<h1>Shop</h1>\n" },
    // With the hosts, the rows would go.
    deletionProtection: true,
});

// Each of the three serves pages and holds all rows; any two of them go on without the third.
const db = new evenkeel.GaleraCluster("db", { hosts: web.hosts });

const shop = new evenkeel.Database("shop", {
    servers: db.hosts,
    endpoint: db.endpoint,
    clients: db.hosts,
});

export const connection = shop.connection;
