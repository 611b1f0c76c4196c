import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";

const config = new pulumi.Config();

const site = new evenkeel.Site("edge", { cloud: "digitalocean", region: config.require("region") });

// Pages that know their visitors, and pictures, by two pools on the same two hosts.
const web = new evenkeel.WebPool("web", {
    placement: site.placement,
    hostCount: 2,
    php: true,
    folder: "pages",
});
const images = new evenkeel.WebPool("images", {
    hosts: web.hosts,
    port: 8081,
    documentRoot: "/var/www/images",
    files: { "images/index.html": "<!doctype html>\n<h1>Pictures</h1>\n" },
});

// Both hosts know every visitor.
const sessions = new evenkeel.SessionStore("sessions", { hosts: web.hosts, pools: [web] });

// The same hosts balance: whoever of them has the address, both of them serve.
const lb = new evenkeel.LoadBalancerPair("lb", {
    hosts: images.hosts,
    failoverToken: config.requireSecret("failoverToken"),
    deletionProtection: config.requireBoolean("deletionProtection"),
    http: [
        {
            backends: sessions.hosts,
            routes: [{ path: "/images", backends: images.hosts, backendPort: 8081 }],
            stickiness: { by: "cookie" },
        },
    ],
    // Whatever speaks TCP, passed on as it is; mail and databases are no other.
    tcp: [{ port: 8025, backends: images.hosts, backendPort: 8081, stickiness: { by: "address" } }],
    failBack: true,
    failBackDelay: config.requireNumber("failBackDelay"),
});

export const url = lb.url;
export const address = lb.address;
