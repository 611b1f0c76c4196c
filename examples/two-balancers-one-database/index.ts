import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";

const config = new pulumi.Config();

const site = new evenkeel.Site("blog", { cloud: "digitalocean", region: config.require("region") });

// One host has all rows: while it is away, so is the site. With three and without that line nobody has to wait for one.
const db = new evenkeel.GaleraCluster("db", {
    placement: site.placement,
    hostCount: 1,
    singlePointOfFailure: true,
    deletionProtection: config.getBoolean("deletionProtection") ?? true,
});

// Each web host is a balancer, too; more visitors are a greater number.
const blog = new evenkeel.WordPress("blog", {
    placement: site.placement,
    hostCount: config.requireNumber("webHosts"),
    release: {
        archive: config.require("archive"),
        sha256: config.require("sha256"),
        public: "wordpress",
    },
    url: config.require("url"),
    title: "Sailing notes",
    admin: { user: "captain", email: config.require("email") },
    database: { servers: db.hosts, endpoint: db.endpoint },
});

const lb = new evenkeel.LoadBalancerPair("lb", {
    hosts: blog.hosts,
    http: [{ backends: blog.hosts, balance: "leastconn", stickiness: { by: "cookie" } }],
    failoverToken: config.requireSecret("failoverToken"),
});

new evenkeel.DatabaseBackups("backups", {
    servers: db.hosts,
    endpoint: db.endpoint,
    to: { host: blog.hosts[0]!, folder: "/srv/backups" },
});

export const address = lb.address;
export const adminPassword = blog.adminPassword;
/** What `npx evenkeel db` goes by. */
export const database = pulumi.secret({ endpoint: db.endpoint, hosts: db.hosts });
