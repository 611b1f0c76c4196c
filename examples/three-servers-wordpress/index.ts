import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";

const config = new pulumi.Config();

const site = new evenkeel.Site("blog", { cloud: "digitalocean", region: config.require("region") });

// Three identical hosts: each is a member of the database, serves pages, and may be the balancer.
const db = new evenkeel.GaleraCluster("node", {
    placement: site.placement,
    hostCount: 3,
    deletionProtection: config.getBoolean("deletionProtection") ?? true,
});

const blog = new evenkeel.WordPress("blog", {
    hosts: db.hosts,
    release: {
        archive: config.require("archive"),
        sha256: config.require("sha256"),
        public: "wordpress",
    },
    url: config.require("url"),
    title: "Sailing notes",
    admin: { user: "captain", email: config.require("email") },
    database: { servers: db.hosts, endpoint: db.endpoint },
    objectCache: { memory: 32 },
    // The rest of a host's memory is the database's.
    phpWorkers: 4,
});

const lb = new evenkeel.LoadBalancerPair("lb", {
    hosts: blog.hosts,
    // An editor sees at once what the editor has uploaded; the other hosts have it a second later.
    http: [{ backends: blog.hosts, stickiness: { by: "cookie" } }],
    failoverToken: config.requireSecret("failoverToken"),
});

export const address = lb.address;
export const adminPassword = blog.adminPassword;
/** What `npx evenkeel db` goes by. */
export const database = pulumi.secret({ endpoint: db.endpoint, hosts: db.hosts });
