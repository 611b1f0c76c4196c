import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { balancerSteps } from "../../../src/balancer/role.ts";
import { cloudOf } from "../../../src/clouds/cloudOf.ts";
import { hosts } from "../../support/refusals.ts";
import { standIns } from "../../support/standIns.ts";

const ADDRESS = "203.0.113.40";

/** A balancer with the program; what is on its interfaces, what BIRD says and whether somebody answers is the test's. */
async function balancer({
    interfaces = [] as string[],
    session = "Established",
    answers = true,
    frees = undefined as boolean | undefined,
} = {}) {
    const { folder, env, standIn } = await standIns();
    const at = (name: string) => join(folder, name);
    await mkdir(at("routes"));
    await writeFile(
        at("announce.conf"),
        `PAIR=lb-1\nADDRESS=${ADDRESS}\nPORT=80\nSCHEME=http\nSESSION=cloud\nNEIGHBOR=169.254.169.254\nROUTES=${at("routes")}\nLIB=${folder}\n${frees === undefined ? "" : `FAILOVER_CONF=${at("failover.conf")}\n`}`,
    );
    // As long as it works, what keepalived calls next goes on.
    await standIn(
        "failover",
        `echo "$*" >>${at("freed")}; flock --nonblock ${at("routes")}/.lock true || exit 9; echo "free: detach: HTTP 500"; ${frees}`,
    );
    const set = (names: string[]) =>
        writeFile(
            at("interfaces"),
            names.map((name) => `1: ${name} inet ${ADDRESS}/32 scope global\n`).join(""),
        );
    await set(interfaces);
    await standIn(
        "ip",
        `case "$*" in
*delete*) sed -i "/ $5 inet/d" ${at("interfaces")} ;;
*"dev lo"*) grep " lo " ${at("interfaces")} ;;
*) cat ${at("interfaces")} ;;
esac; true`,
    );
    await standIn(
        "birdc",
        session
            ? `[ "$1" != configure ] || echo configured >>${at("calls")}; echo "cloud BGP --- start 04:17:49 ${session}"`
            : "echo Unable to connect to server; exit 1",
    );
    await standIn("logger", "true");
    await standIn("sleep", "true");
    await standIn(
        "virtual-address",
        `echo "${ADDRESS} ${answers ? "answers, from another host" : "is on no host that answers: refused"}"; ${answers}`,
    );
    const read = (name: string) => readFile(at(name), "utf8").catch(() => "");
    return {
        set,
        interfaces: () => read("interfaces"),
        route: () => read("routes/lb-1.conf"),
        freed: async () => (await read("freed")).replaceAll(`${at("")}/`, "").trim(),
        configured: async () => (await read("calls")).split("\n").length - 1,
        run: (mode: string) =>
            execa("bash", ["src/balancer/onhost/announce", mode, at("announce.conf")], {
                env,
                reject: false,
                all: true,
            }),
    };
}

describe("announced is what keepalived has here", () => {
    test("from when it comes, newer than whoever announces it still, until it goes", async () => {
        const host = await balancer({ interfaces: ["lo"] });
        const before = Math.floor(Date.now() / 1000);
        expect((await host.run("update")).exitCode).toBe(0);
        const [, med] =
            /^protocol static 'lb-1' \{ ipv4; route 203\.0\.113\.40\/32 blackhole \{ bgp_med = (\d+); \}; \}\n$/.exec(
                await host.route(),
            )!;
        expect(4_294_967_295 - Number(med)).toBeGreaterThanOrEqual(before);
        expect(await host.configured()).toBe(1);
        await host.set([]);
        await host.run("update");
        expect([await host.route(), await host.configured()]).toEqual(["", 2]);
        await host.run("update");
        expect(await host.configured()).toBe(2);
    });

    test("not once keepalived stops, even where it has left the address", async () => {
        const host = await balancer({ interfaces: ["lo"] });
        await host.run("update");
        await host.run("leave");
        expect(await host.route()).toBe("");
    });

    test("where BIRD does not run, it reads that when it starts", async () => {
        const host = await balancer({ interfaces: ["lo"], session: "" });
        expect((await host.run("update")).exitCode).toBe(0);
        expect(await host.route()).toContain(ADDRESS);
    });

    test("what a host has from a time when the API moved the address goes", async () => {
        const host = await balancer({ interfaces: ["eth0", "lo"] });
        await host.run("update");
        expect(await host.interfaces()).toMatch(/^1: lo .*\n$/);
    });
});

describe("with a token beside it", () => {
    test("who gets the address detaches it; who loses it asks for nothing", async () => {
        const host = await balancer({ interfaces: ["lo"], frees: true });
        expect((await host.run("update")).exitCode).toBe(0);
        expect(await host.freed()).toBe("free failover.conf");
        await host.set([]);
        await host.run("update");
        await host.run("leave");
        expect((await host.run("held")).exitCode).toBe(0);
        expect(await host.freed()).toBe("free failover.conf");
    });

    test("a role does not end well while it is attached", async () => {
        const { all, exitCode } = await (await balancer({ interfaces: ["lo"], frees: false })).run("held");
        expect(exitCode).toBe(1);
        expect(all).toContain(`${ADDRESS} is attached to an instance yet: free: detach: HTTP 500`);
    });

    test("without one nobody asks the API", async () => {
        const host = await balancer({ interfaces: ["lo"] });
        await host.run("update");
        await host.run("held");
        expect(await host.freed()).toBe("");
    });
});

test("a role makes good what keepalived did not tell: it was master before", async () => {
    const host = await balancer({ interfaces: ["eth0", "lo"] });
    expect((await host.run("held")).exitCode).toBe(0);
    expect(await host.route()).toContain(ADDRESS);
    expect(await host.interfaces()).toMatch(/^1: lo .*\n$/);
    const former = await host.route();
    await host.run("held");
    expect(await host.route()).toBe(former);
});

describe("who has it", () => {
    test.each([
        [{ interfaces: ["lo"] }, `${ADDRESS} is on this host`, 0],
        [{}, `${ADDRESS} answers, from another host`, 0],
        [
            { answers: false },
            `${ADDRESS} is on no host that answers: refused; a reserved IP that is attached`,
            1,
        ],
    ])("%o: %s", async (given, said, code) => {
        const { all, exitCode } = await (await balancer(given)).run("holder");
        expect(all).toContain(said);
        expect(exitCode).toBe(code);
    });

    test.each([
        [{ interfaces: ["lo"] }, 1],
        [{}, 0],
        [{ answers: false }, 1],
    ])("%o: another host, for one that leaves it: %i", async (given, code) => {
        expect((await (await balancer(given)).run("elsewhere")).exitCode).toBe(code);
    });

    test.each([
        [
            { session: "Active Socket: Connection refused" },
            "no BGP session with 169.254.169.254: Active Socket: Connection refused",
        ],
        [{ session: "" }, "no BGP session with 169.254.169.254: BIRD does not run"],
        [{ answers: false }, `${ADDRESS} is on no host that answers: refused`],
    ])("a role that ends well has a session, and an address: %o", async (given, problem) => {
        const { exitCode, all } = await (await balancer(given)).run("held");
        expect([exitCode, all]).toEqual([1, expect.stringContaining(problem)]);
        expect((await (await balancer()).run("held")).exitCode).toBe(0);
    });
});

const cloud = cloudOf("vultr");
const settings = {
    name: "lb",
    pair: ["lb-0", "lb-1"],
    http: [{ backends: hosts("web-0", "web-1") }],
    tcp: [],
    statusPage: false,
    virtualRouterId: 51,
    cloud,
    bgp: { asn: 64_999, hasPassword: true, detaches: false, router: cloud.router! },
};

test("with a token beside it, who has the address detaches it; nothing looks after it by the API", () => {
    const bgp = { ...settings.bgp, detaches: true };
    const text = balancerSteps({ ...settings, bgp, host: "lb-0" }).join("\n");
    expect(text).toContain("\nFAILOVER_CONF=/etc/evenkeel/balancers/lb/failover.conf\n");
    expect(text).toContain("secret /etc/evenkeel/balancers/lb/failover.header header");
    expect(text).not.toMatch(/evenkeel-failover@|failover (assign|confirm)/);
});

test("no host has a credential of the cloud's, and none asks its API", () => {
    const text = balancerSteps({ ...settings, host: "lb-0" }).join("\n");
    expect(text).not.toMatch(/API_URL|failover\.header|evenkeel-failover/);
    expect(text).toContain("common secret /etc/bird/evenkeel-password.conf bgp-password 640 root:bird");
});

test("hosts of a pair differ in what all pairs do, and in BIRD's own address", () => {
    const [first, second] = ["lb-0", "lb-1"].map((host) =>
        balancerSteps({ ...settings, host })
            .join("\n")
            .split("\n"),
    );
    expect(first!.filter((line) => !second!.includes(line)).map((line) => line.trim())).toContain(
        "router id {{address lb-0}};",
    );
});

test("keepalived carries the address, and tells of each change", () => {
    const text = balancerSteps({ ...settings, host: "lb-0" }).join("\n");
    expect(text).toContain("    virtual_ipaddress_excluded {\n        {{value address}}/32 dev lo\n    }\n");
    const said = [...text.matchAll(/notify_(\w+) ".*announce (\w+) /g)].map(
        ([, state, mode]) => `${state}: ${mode}`,
    );
    expect(said).toEqual(["master: update", "backup: update", "fault: update", "stop: leave"]);
});
