import * as pulumi from "@pulumi/pulumi";
import { Site } from "../../../src/index.ts";
import { refuses, refusesWrong, type Wrong } from "../../support/refusals.ts";

const site = { cloud: "digitalocean", region: "fra1" } as const;

refuses([
    [
        "a bad range",
        () => new Site("shop", { ...site, ipRange: "10.0.0.0/33" }),
        ['ipRange: "10.0.0.0/33" is not an IPv4 range: write it as 10.20.0.0/20'],
    ],
    [
        "host bits in a range",
        () => new Site("shop", { ...site, ipRange: "10.0.0.1/20" }),
        ['ipRange: "10.0.0.1/20" has host bits set'],
    ],
    [
        "a public range",
        () => new Site("shop", { ...site, ipRange: "8.8.0.0/16" }),
        ['ipRange: "8.8.0.0/16" is not private: use 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16'],
    ],
    [
        "a region of the other cloud",
        () => new Site("shop", { cloud: "vultr", region: "fra1" }),
        ['region: "fra1" is a region of "digitalocean": give one of "vultr"'],
    ],
    [
        "and the other way round",
        () => new Site("shop", { cloud: "digitalocean", region: "fra" }),
        ['region: "fra" is a region of "vultr": give one of "digitalocean"'],
    ],
    [
        "an argument that does not exist",
        () => new Site("shop", { ...site, iprange: "10.20.0.0/20" } as never),
        ["iprange: there is no such argument: did you mean `ipRange`?"],
    ],
]);

const wrong: Wrong[] = [
    ["nothing at all", undefined, ["cloud", "region"]],
    ["null", null, ["cloud", "region"]],
    ["a text for the arguments", "digitalocean", ["args"]],
    ["a list for the arguments", [site], ["args"]],
    ["another cloud", { ...site, cloud: "aws" }, ["cloud"]],
    ["a region with a space", { ...site, region: "fra 1" }, ["region"]],
    ["a region that is an output", { ...site, region: pulumi.output("fra1") }, ["region"]],
    ["a range that is a number", { ...site, ipRange: 10 }, ["ipRange"]],
    ["a range that is no address", { ...site, ipRange: "10.0.0.256/24" }, ["ipRange"]],
    ["a range that is too small", { ...site, ipRange: "10.0.0.0/30" }, ["ipRange"]],
    ["SSH from nowhere", { ...site, sshFrom: [] }, ["sshFrom"]],
    ["SSH from a text", { ...site, sshFrom: "192.0.2.1" }, ["sshFrom"]],
    [
        "SSH from what is no address",
        { ...site, sshFrom: ["::/0", "office", "1.2.3.4/40"] },
        ["sshFrom[1]", "sshFrom[2]"],
    ],
    ["a name with a space", site, ["name"], "my shop"],
    ["a name in upper case", site, ["name"], "Shop"],
    ["no name", site, ["name"], ""],
    ["a name that is none", site, ["name"], null],
    ["a name that is an output", site, ["name"], pulumi.output("shop")],
    ["a name of 41 letters", site, ["name"], "s".repeat(41)],
    ["a name with a command in it", site, ["name"], "shop$(id)"],
];
refusesWrong(Site, "shop", wrong);
