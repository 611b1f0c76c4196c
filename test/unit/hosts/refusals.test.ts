import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { settledConnection } from "../../../src/hosts/applyRole.ts";
import { type Host, LoadBalancerPair, WebPool } from "../../../src/index.ts";
import {
    host,
    hostKey,
    hosts,
    placement,
    privateKey,
    refuses,
    refusesWrong,
    type Wrong,
} from "../../support/refusals.ts";

/** As far as anybody sees it; nothing is registered. */
const component = Object.assign(Object.create(pulumi.ComponentResource.prototype), {
    __pulumiResource: true,
});

/** Host "a", reached in another way. */
const reached = (change: object) => [host("a", { connection: { ...plain(), ...change } as never })];
const plain = () => ({ host: "192.0.2.1", privateKey: pulumi.secret(privateKey), hostKey });
const at = (change: object) => ({ hosts: [{ ...host("a"), ...change }] });

refuses([
    [
        "a size of another cloud than the placement's, and a region",
        () => new WebPool("web", { placement: { ...placement, cloud: "vultr" }, size: "s-2vcpu-4gb" }),
        [
            'placement.region: "fra1" is a region of "digitalocean": give one of "vultr"',
            'size: "s-2vcpu-4gb" is a size of "digitalocean": give one of "vultr"',
        ],
    ],
    [
        "a plan for droplets",
        () => new WebPool("web", { placement, size: "vc2-1c-1gb" }),
        ['size: "vc2-1c-1gb" is a size of "vultr": give one of "digitalocean"'],
    ],
    [
        "a host without its key",
        () => {
            const { hostKey: _, ...connection } = plain();
            return new WebPool("web", { hosts: [host("a", { connection: connection as never })] });
        },
        ["hosts[0].connection.hostKey: is missing: give a host's public key"],
    ],
    [
        "names, an address and a connection that cannot be",
        () =>
            new WebPool("web", {
                hosts: [host("al pha$(id)"), host("localhost"), host("c", { privateAddress: "" })],
            }),
        [
            'hosts[0].name: "al pha$(id)" cannot be a host\'s name: use lower-case letters, digits and hyphens, a letter first, 63 at most',
            'hosts[1].name: "localhost" is what every host calls itself: use another name',
            'hosts[2].privateAddress: "" is not an address of a host: give the IPv4 address by which the other hosts reach it',
        ],
    ],
    [
        "hosts of others that work on nothing, or say so in words",
        () => {
            const backends = [host("a", { workers: 0 }), host("b", { workers: "8" as never })];
            return new LoadBalancerPair("lb", {
                hosts: hosts("c", "d"),
                http: [{ backends }],
                virtualAddress: "10.0.0.250/24",
            });
        },
        [
            "http[0].backends[0].workers: 0 is not a number of requests: give a whole number from 1 to 100000",
            "http[0].backends[1].workers: is a text: give a whole number from 1 to 100000",
        ],
    ],
    [
        "duplicate names",
        () => new WebPool("web", { hosts: hosts("a", "b", "a") }),
        ['hosts[2].name: "a" is another host\'s name already'],
    ],
    [
        "two hosts of one address, and two that are dialled at one",
        () => {
            const [a, b, c] = [host("a"), host("b"), host("c")];
            return new WebPool("web", {
                hosts: [a, { ...b, privateAddress: a.privateAddress }, { ...c, connection: a.connection }],
            });
        },
        [
            `hosts[1].privateAddress: "${host("a").privateAddress}" is that of "a" already`,
            `hosts[2].connection.host: "${host("a").privateAddress}:22" is that of "a" already`,
        ],
    ],
    [
        "a host whose name is an output",
        () => new WebPool("web", { hosts: [{ ...host("a"), name: pulumi.output("a") as never }] }),
        [
            "hosts[0].name: is an output, which a preview need not know: give a plain text by which other hosts know it",
        ],
    ],
    [
        "a component in place of its hosts",
        () => new WebPool("web", { hosts: component }),
        ["hosts: is a component itself: give a component's `hosts`, or a list of hosts"],
    ],
]);

const wrong: Wrong[] = [
    ["a text for the hosts", { hosts: "a" }, ["hosts"]],
    ["one host for the hosts", { hosts: host("a") }, ["hosts"]],
    ["hosts that are an output", { hosts: pulumi.output(hosts("a")) }, ["hosts"]],
    ["no host in the list", { hosts: [] }, ["hosts"]],
    [
        "holes in the list",
        { hosts: [host("a"), undefined, null, undefined, 7] },
        ["hosts[1]", "hosts[2]", "hosts[3]", "hosts[4]"],
    ],
    ["an address that is a name", at({ privateAddress: "a.internal" }), ["hosts[0].privateAddress"]],
    ["an address of the host itself", at({ privateAddress: "127.0.0.1" }), ["hosts[0].privateAddress"]],
    ["an address out of range", at({ privateAddress: "999.1.1.1" }), ["hosts[0].privateAddress"]],
    ["an IPv6 address", at({ privateAddress: "fd00::1" }), ["hosts[0].privateAddress"]],
    ["no way to a host", at({ connection: undefined }), ["hosts[0].connection"]],
    ["a way that is a text", at({ connection: "root@a" }), ["hosts[0].connection"]],
    ["an argument that a host lacks", at({ publicAddress: "192.0.2.1" }), ["hosts[0].publicAddress"]],
    ["a name of 64 letters", at({ name: "a".repeat(64) }), ["hosts[0].name"]],
    ["a name that a loopback has", at({ name: "ip6-allnodes" }), ["hosts[0].name"]],
    ["a name that is a number", at({ name: 10 }), ["hosts[0].name"]],
    ["a name that resolvers take for an address", at({ name: "10" }), ["hosts[0].name"]],
    ["an id with a command in it", at({ id: "1; reboot" }), ["hosts[0].id"]],
    ["another cloud", at({ cloud: "aws" }), ["hosts[0].cloud"]],
    ["a baseline by a number", at({ baseline: 1 }), ["hosts[0].baseline"]],
    [
        "nothing of a connection",
        { hosts: reached({ host: undefined, privateKey: undefined, hostKey: undefined }) },
        ["hosts[0].connection.host", "hosts[0].connection.privateKey", "hosts[0].connection.hostKey"],
    ],
    ["an empty host key", { hosts: reached({ hostKey: "" }) }, ["hosts[0].connection.hostKey"]],
    [
        "a fingerprint for the host key",
        { hosts: reached({ hostKey: "SHA256:uNiVztksCsDhcc0u9e8BrrQXVUpKZIDTMczCvj3tD2s" }) },
        ["hosts[0].connection.hostKey"],
    ],
    [
        "a line of known_hosts for the host key",
        { hosts: reached({ hostKey: "a ssh-ed25519 AAAA" }) },
        ["hosts[0].connection.hostKey"],
    ],
    [
        "a public key for the private one",
        { hosts: reached({ privateKey: hostKey }) },
        ["hosts[0].connection.privateKey"],
    ],
    ["a port that is a text", { hosts: reached({ port: "22" }) }, ["hosts[0].connection.port"]],
    ["NaN for the port", { hosts: reached({ port: Number.NaN }) }, ["hosts[0].connection.port"]],
    ["a user of two words", { hosts: reached({ user: "root -x" }) }, ["hosts[0].connection.user"]],
    [
        "attempts without end",
        { hosts: reached({ dialErrorLimit: Number.POSITIVE_INFINITY }) },
        ["hosts[0].connection.dialErrorLimit"],
    ],
    ["a password in the connection", { hosts: reached({ password: "x" }) }, ["hosts[0].connection.password"]],
    [
        "a site in place of its placement",
        { placement: { cloud: "digitalocean" } },
        [
            "placement.region",
            "placement.network",
            "placement.sshKey",
            "placement.privateKey",
            "placement.tag",
        ],
    ],
    [
        "a placement of no cloud",
        { placement: { ...placement, cloud: "aws", zone: "a" } },
        ["placement.zone", "placement.cloud"],
    ],
    [
        "a firewall without its id",
        { placement: { ...placement, firewall: { name: "shop firewall" } } },
        ["placement.firewall.name", "placement.firewall.id"],
    ],
    ["a placement that is an output", { placement: pulumi.output(placement) }, ["placement"]],
];
refusesWrong(WebPool, "web", wrong);

test("no error shows a private key", () => {
    const connection = { ...plain(), privateKey: "hush" };
    const make = () => new WebPool("web", { hosts: [host("a", { connection })] });
    expect(make).toThrow();
    try {
        make();
    } catch (error) {
        expect(JSON.stringify((error as pulumi.InputPropertiesError).errors)).not.toContain("hush");
    }
});

test.each<[string, Partial<Host["connection"]>, RegExp]>([
    ["no host key", { hostKey: undefined } as never, /hostKey/],
    ["another key's line", { hostKey: "ssh-ed25519" }, /hostKey/],
    ["no private key", { privateKey: "" }, /privateKey/],
    ["an address of two words", { host: "192.0.2.1 -p 1" }, /host/],
])(
    "a connection that turns out to have %s is refused when it is known, with one and the same error",
    (_what, change, about) => {
        const known = { host: "192.0.2.1", privateKey, hostKey, ...change } as never;
        const errorOf = () => {
            try {
                settledConnection("a", known, 1);
            } catch (error) {
                return error as pulumi.InputPropertiesError;
            }
            throw new Error("was accepted");
        };
        expect(errorOf().errors).toEqual([
            { propertyPath: expect.stringMatching(about), reason: expect.any(String) },
        ]);
        expect(errorOf()).toBe(errorOf());
    },
);
