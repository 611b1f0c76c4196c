import { describe, expect, test } from "vitest";
import type { FirewallRule, HostFirewall } from "../../../local/machines/types.ts";
import { cutRules } from "../../../local/network/cuts.ts";
import { firewallRules } from "../../../local/network/firewall.ts";

const GATEWAY = "203.0.113.1";
const anyone = ["0.0.0.0/0"];

/** The lines of the chain that decides about packets between the host and the switch. */
function decisions(firewall: HostFirewall | undefined): string[] {
    const chain = /chain forward \{\n(.*?)\n {4}\}/s.exec(firewallRules(GATEWAY, firewall))?.[1] ?? "";
    return chain.split("\n").map((line) => line.trim());
}

const inbound = (...rules: FirewallRule[]) => decisions({ inbound: rules, outbound: [] });
const FIXED = [
    "type filter hook forward priority filter; policy accept;",
    "ip protocol != { tcp, udp, icmp } drop",
    "ct state established,related accept",
    "meta mark 1 ip daddr { 203.0.113.1, 169.254.169.254, 169.254.31.42 } accept",
];

describe("the cloud firewall of a host", () => {
    test("a host without one is open", () => {
        expect(decisions(undefined)).toEqual([FIXED[0], FIXED[2]]);
    });

    test("one without rules lets answers and services of the cloud pass, and nothing else", () => {
        expect(inbound()).toEqual([...FIXED, "drop"]);
    });

    test.each([
        [{ protocol: "tcp", ports: "22", peers: anyone }, ["meta mark 2 tcp dport 22 accept"]],
        [{ protocol: "udp", ports: "8000-9000", peers: anyone }, ["meta mark 2 udp dport 8000-9000 accept"]],
        [{ protocol: "tcp", ports: "all", peers: anyone }, ["meta mark 2 ip protocol tcp accept"]],
        [{ protocol: "udp", ports: "0", peers: anyone }, ["meta mark 2 ip protocol udp accept"]],
        [{ protocol: "icmp", ports: "all", peers: anyone }, ["meta mark 2 ip protocol icmp accept"]],
        [
            { protocol: "tcp", ports: "3306", peers: ["10.100.0.0/20", "10.100.0.2"] },
            [
                "meta mark 2 ip saddr 10.100.0.0/20 tcp dport 3306 accept",
                "meta mark 2 ip saddr 10.100.0.2 tcp dport 3306 accept",
            ],
        ],
        [{ protocol: "tcp", ports: "22", peers: [] }, []],
    ] satisfies [FirewallRule, string[]][])("inbound %o", (rule, lines) => {
        expect(inbound(rule)).toEqual([...FIXED, ...lines, "drop"]);
    });

    test("outbound rules look at the other side's address", () => {
        const rule: FirewallRule = { protocol: "tcp", ports: "443", peers: ["198.51.100.7"] };
        expect(decisions({ inbound: [], outbound: [rule] })).toEqual([
            ...FIXED,
            "meta mark 1 ip daddr 198.51.100.7 tcp dport 443 accept",
            "drop",
        ]);
    });
});

test("where only what comes in from outside is filtered, all else passes, protocols without a name too", () => {
    const firewall: HostFirewall = {
        publicInboundOnly: true,
        inbound: [
            { protocol: "tcp", ports: "22", peers: anyone },
            { protocol: "gre", ports: "all", peers: ["192.0.2.1"] },
        ],
        outbound: [],
    };
    expect(decisions(firewall)).toEqual([
        FIXED[0],
        FIXED[2],
        "meta mark 1 accept",
        "meta mark 2 tcp dport 22 accept",
        "meta mark 2 ip saddr 192.0.2.1 ip protocol gre accept",
        "drop",
    ]);
    const marked = (text: string) => [...text.matchAll(/devices = \{ (.+?) \}/g)].map((match) => match[1]);
    expect(marked(firewallRules(GATEWAY, firewall))).toEqual(["host0, host1, uplink1", "uplink0"]);
    expect(marked(firewallRules(GATEWAY, undefined))).toEqual(["host0, host1", "uplink0, uplink1"]);
});

describe("cuts", () => {
    test.each([
        ["in", "devices = { uplink0, uplink1 }"],
        ["out", "devices = { host0, host1 }"],
        ["both", "devices = { uplink0, uplink1, host0, host1 }"],
    ] as const)("%s", (way, devices) => expect(cutRules(way)).toContain(devices));

    test("healing leaves no chain", () => expect(cutRules(undefined)).not.toContain("chain"));
});
