import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";

const config = new pulumi.Config();

const site = new evenkeel.Site("shop", { cloud: "digitalocean", region: config.require("region") });

const web = new evenkeel.WebPool("web", {
    placement: site.placement,
    hostCount: config.requireNumber("webHosts"),
    files: { "index.html": `<!doctype html>\n<h1>${config.require("greeting")}</h1>\n` },
});

const lb = new evenkeel.LoadBalancerPair("lb", {
    placement: site.placement,
    http: [{ backends: web.hosts, pinned: [{ path: "/wp-admin", to: web.hosts[0]! }] }],
    failoverToken: config.requireSecret("failoverToken"),
});

export const url = lb.url;
export const address = lb.address;
