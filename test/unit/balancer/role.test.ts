import { describe, expect, test } from "vitest";
import { groupsOf } from "../../../src/balancer/addresses.ts";
import { balancerSteps } from "../../../src/balancer/role.ts";
import type { BalancerSettings } from "../../../src/balancer/settings.ts";
import { cloudOf } from "../../../src/clouds/cloudOf.ts";
import { hosts } from "../../support/refusals.ts";

const settings: Omit<BalancerSettings, "host"> = {
    name: "lb",
    pair: ["lb-0", "lb-1"],
    http: [{ backends: hosts("web-0", "web-1") }],
    tcp: [],
    statusPage: false,
    virtualRouterId: 51,
};
const reserved = { ...settings, cloud: cloudOf("digitalocean") };
const virtual = { ...settings, virtualAddresses: ["10.0.0.100/24"] };

const linesOf = (settings: BalancerSettings) => balancerSteps(settings).join("\n").split("\n");

/** What one host's role has, all of its files, and the other's has not. */
function ownLines(settings: Omit<BalancerSettings, "host">, host: string, other: string): string[] {
    const others = linesOf({ ...settings, host: other });
    return linesOf({ ...settings, host })
        .filter((line) => !others.includes(line))
        .map((line) => line.trim());
}

test.each([reserved, virtual])(
    "hosts of a pair differ in own name and address, peer and priority alone",
    (pair) => {
        const carried = "virtualAddresses" in pair ? ["10.0.0.100/24 dev {{interface lb-0}}"] : [];
        expect(ownLines(pair, "lb-0", "lb-1")).toEqual([
            "ip saddr lb-1 udp dport 4789 accept",
            "localpeer lb-0",
            "NUMBER=18",
            "ADDRESS={{address lb-0}}",
            "19={{address lb-1}}",
            "priority 219",
            "unicast_src_ip 169.254.51.18",
            "169.254.51.19",
            ...carried,
            "{{interface lb-0}}",
        ]);
    },
);

test.each([reserved, virtual])(
    "a second balancer adds its lines to the first one's, and is left to for planned work",
    (pair) => {
        const alone = linesOf({ ...pair, pair: ["lb-0"], host: "lb-0" });
        const first = linesOf({ ...pair, host: "lb-0" });
        expect(alone.filter((line) => !first.includes(line)).map((line) => line.trim())).toEqual([
            // It takes the address from one that is about to go.
            "BONUS=35",
            "FAIL_BACK_S=0",
            "169.254.51.62",
            "drain traffic echo no other balancer stands by: visitors get no answer until it is back",
        ]);
        expect(alone.join("\n")).not.toContain("step-aside");
        expect(first.join("\n")).toContain("drain traffic /usr/local/lib/evenkeel/step-aside");
    },
);

test("a backup takes the address back after the delay that was asked for, or never", () => {
    const delay = (more: object) =>
        linesOf({ ...virtual, ...more, host: "lb-0" }).find((line) => line.startsWith("FAIL_BACK_S="));
    expect(delay({})).toBeUndefined();
    expect(delay({ failBackDelay: 0 })).toBe("FAIL_BACK_S=0");
});

const onPacemaker = { failover: "pacemaker" } as const;

test.each([
    { ...reserved, ...onPacemaker },
    { ...virtual, ...onPacemaker },
])("with Pacemaker hosts of a pair differ in own name, number and peer alone", (pair) => {
    expect(ownLines(pair, "lb-0", "lb-1")).toEqual([
        "ip saddr lb-1 udp dport 5405 accept",
        "localpeer lb-0",
        "state /var/lib/corosync/ringid_26414",
        "RING_ADDRESS={{address lb-0}}",
    ]);
});

test.each([reserved, virtual])("of an engine that a pair has not, its hosts have nothing", (pair) => {
    const keepalived = linesOf({ ...pair, host: "lb-0" }).join("\n");
    const pacemaker = linesOf({ ...pair, ...onPacemaker, host: "lb-0" }).join("\n");
    expect(keepalived).toBe(linesOf({ ...pair, failover: "keepalived", host: "lb-0" }).join("\n"));
    expect(keepalived).not.toMatch(/corosync|pacemaker|5405/i);
    expect(pacemaker).not.toMatch(/keepalived\.conf|vrrp-link@|4789|standing/);
    expect(pacemaker).toContain("service pacemaker start\n");
    expect(pacemaker).toMatch(/^drain traffic .* corosync$/m);
});

test("with Pacemaker a second balancer adds its lines to the first one's", () => {
    const alone = linesOf({ ...reserved, ...onPacemaker, pair: ["lb-0"], host: "lb-0" });
    const first = linesOf({ ...reserved, ...onPacemaker, host: "lb-0" });
    expect(alone.filter((line) => !first.includes(line)).map((line) => line.trim())).toEqual([
        "HOSTS=(lb-0)",
        "drain traffic echo no other balancer stands by: visitors get no answer until it is back",
    ]);
});

test("the key of the cluster is a secret for root to read", () => {
    const lines = linesOf({ ...reserved, ...onPacemaker, host: "lb-0" });
    expect(lines).toContain("secret /etc/corosync/authkey cluster-key 400");
});

describe("several addresses", () => {
    const pair = ["lb-0", "lb-1"];
    const three = ["10.0.0.100/24", "10.0.0.101/24", "10.0.1.100/24"];
    const instances = (host: string, virtualAddresses: string[], hosts = pair) =>
        linesOf({ ...virtual, pair: hosts, virtualAddresses, host })
            .map((line) => line.trim())
            .filter((line) => /^(vrrp_instance|virtual_router_id|priority|10\..* dev) ?/.test(line));

    test("are each with another host in peace, in turn, and all of them with who is left", () => {
        expect(instances("lb-0", three)).toEqual([
            "vrrp_instance lb {",
            "virtual_router_id 51",
            "priority 219",
            "10.0.0.100/24 dev {{interface lb-0}}",
            "vrrp_instance lb_10_0_0_101 {",
            "virtual_router_id 101",
            "priority 216",
            "10.0.0.101/24 dev {{interface lb-0}}",
            "vrrp_instance lb_10_0_1_100 {",
            "virtual_router_id 100",
            "priority 219",
            "10.0.1.100/24 dev {{interface lb-0}}",
        ]);
        const priorities = (host: string) => instances(host, three).filter((line) => /^pri/.test(line));
        expect(priorities("lb-1")).toEqual(["priority 216", "priority 219", "priority 216"]);
    });

    test("differ in their numbers, whatever they are", () => {
        const addresses = ["10.0.0.9/24", "10.0.0.51/24", "10.0.1.51/24", "10.1.0.0/8", "10.2.0.0/8"];
        const numbers = groupsOf({ ...virtual, virtualAddresses: addresses }).map(
            ({ instanceId }) => instanceId,
        );
        expect(numbers).toEqual([51, 52, 53, 1, 2]);
    });

    test("one more changes nothing about the instances that there are, on any host", () => {
        for (const host of pair) {
            const two = instances(host, three.slice(0, 2));
            expect(instances(host, three.slice(0, 1))).toEqual(two.slice(0, 4));
            expect(instances(host, three).slice(0, 8)).toEqual(two);
            expect(instances(host, [three[0]!, three[2]!])).toContain("virtual_router_id 100");
        }
    });

    test("are watched, started with, left and told of one by one", () => {
        const lines = linesOf({ ...virtual, virtualAddresses: three.slice(0, 2), host: "lb-0" });
        const about = (part: RegExp) => lines.filter((line) => part.test(line)).map((line) => line.trim());
        expect(about(/^(service evenkeel-watch|Wants|ExecStartPre|FOLDER|state .*watch)/)).toEqual([
            "FOLDER=/run/evenkeel-watch-lb",
            "service evenkeel-watch@lb restart",
            "state /run/evenkeel-watch-lb",
            "FOLDER=/run/evenkeel-watch-lb_10_0_0_101",
            "service evenkeel-watch@lb_10_0_0_101 restart",
            "state /run/evenkeel-watch-lb_10_0_0_101",
            "Wants=evenkeel-vrrp-link@lb.service evenkeel-watch@lb.service evenkeel-watch@lb_10_0_0_101.service",
            "ExecStartPre=/bin/rm -f /run/evenkeel-watch-lb/standing /run/evenkeel-watch-lb_10_0_0_101/standing",
            "ExecStartPre=/bin/mkdir -p /run/evenkeel-watch-lb /run/evenkeel-watch-lb_10_0_0_101",
        ]);
        expect(about(/virtual-address|ip daddr|bind 10|^claims/)).toEqual([
            "claims 'VRRP router 51' 'tcp 10.0.0.100/24:80' 'tcp 10.0.0.101/24:80'",
            "bind 10.0.0.100:80 transparent",
            "bind 10.0.0.101:80 transparent",
            "healthy 'the virtual address 10.0.0.100 has a holder' /usr/local/lib/evenkeel/virtual-address 10.0.0.100 80 http",
            "healthy 'the virtual address 10.0.0.101 has a holder' /usr/local/lib/evenkeel/virtual-address 10.0.0.101 80 http",
            "ip daddr { 10.0.0.100, 10.0.0.101 } tcp dport @hushed tcp flags & (syn | ack) == syn drop",
            "/usr/local/lib/evenkeel/virtual-address 10.0.0.100 80 http && /usr/local/lib/evenkeel/virtual-address 10.0.0.101 80 http",
            "reports address /usr/local/lib/evenkeel/virtual-address 10.0.0.100 80 http",
            "reports 'address 2' /usr/local/lib/evenkeel/virtual-address 10.0.0.101 80 http",
        ]);
    });
});
