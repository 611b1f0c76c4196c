import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";

const config = new pulumi.Config();

const site = new evenkeel.Site("shop", { cloud: "digitalocean", region: config.require("region") });

const web = new evenkeel.WebPool("web", {
    placement: site.placement,
    hostCount: config.requireNumber("webHosts"),
    php: true,
    folder: `${import.meta.dirname}/pages`,
    writable: ["uploads"],
});

const uploads = new evenkeel.FileSync("uploads", {
    mode: "twoWay",
    hosts: web.hosts,
    path: "/var/www/html/uploads",
});

const lb = new evenkeel.LoadBalancerPair("lb", {
    placement: site.placement,
    // A host serves once it has its copy of the uploads.
    http: [{ backends: uploads.hosts }],
    failoverToken: config.requireSecret("failoverToken"),
    deletionProtection: config.requireBoolean("deletionProtection"),
});

export const url = lb.url;
