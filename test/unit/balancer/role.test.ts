import { expect, test } from "vitest";
import { balancerSteps } from "../../../src/balancer/role.ts";
import type { BalancerSettings } from "../../../src/balancer/settings.ts";
import { hosts } from "../../support/refusals.ts";

const settings: Omit<BalancerSettings, "host"> = {
    name: "lb",
    pair: ["lb-0", "lb-1"],
    http: [{ backends: hosts("web-0", "web-1") }],
    tcp: [],
    statusPage: false,
    virtualRouterId: 51,
};
const reserved = { ...settings, apiUrl: "https://api.digitalocean.com" };
const virtual = { ...settings, virtualAddress: "10.0.0.100/24" };

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
        const carried = "virtualAddress" in pair ? ["10.0.0.100/24 dev {{interface lb-0}}"] : [];
        expect(ownLines(pair, "lb-0", "lb-1")).toEqual([
            "ip saddr lb-1 udp dport 4789 accept",
            "localpeer lb-0",
            "NUMBER=18",
            "ADDRESS={{address lb-0}}",
            "19={{address lb-1}}",
            "priority 220",
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
