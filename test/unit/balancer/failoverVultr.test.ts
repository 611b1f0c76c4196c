import { describe, expect, test } from "vitest";
import { failoverHost } from "../../support/failoverHost.ts";

const RESERVED = "5b5f8cae-0af3-482f-8a2f-e2f4f432a077";
const OWN = "3181a7e2-2ce4-4bfb-8145-fc96f4a7c3cf";
const OTHER = "25a2929b-b986-47cc-978f-2734ecaf506a";

/** As facts have it: who has the address stands in it, and a move is two calls. */
const host = () =>
    failoverHost(
        `CLOUD=vultr\nINSTANCE_ID=${OWN}\nRESERVED_IP_ID=${RESERVED}\n`,
        ({ method, url, headers }) =>
            headers.authorization === "Bearer word"
                ? `${method} ${url}`
                      .replace(`/v2/reserved-ips/${RESERVED}`, "")
                      .replace(/ \/(attach|detach)$/, " $1")
                      .trim()
                : "without a key",
        (api, call, body, isDone) => {
            if (call === "GET") return { status: 200, body: { reserved_ip: { instance_id: api.holder } } };
            if (call.startsWith("GET /v2/instances/"))
                return { status: 200, body: { instance: { label: "lb-1" } } };
            if (call === "POST detach" && isDone) api.holder = "";
            if (call === "POST attach" && isDone) api.holder = String(body.instance_id);
            return { status: call.startsWith("POST ") ? 204 : 404 };
        },
    );

test("a new master detaches the address from who had it, attaches it, looks, and sets it up", async () => {
    const { api, run, calls, carriedOn, has } = await host();
    api.holder = OTHER;
    const { exitCode, all } = await run("assign");
    expect(exitCode).toBe(0);
    expect(calls()).toEqual(["GET", "POST detach", "POST attach", "GET"]);
    expect(api.holder).toBe(OWN);
    expect(carriedOn()).toBe("enp1s0");
    expect(has("held")).toBe(true);
    expect(all).toMatch(new RegExp(`203\\.0\\.113\\.200 is with instance ${OWN} after \\d+ ms`));
});

test("one who has it already leaves it where it is, and has it set up", async () => {
    const { api, run, calls, carriedOn } = await host();
    api.holder = OWN;
    await run("assign");
    expect(calls()).toEqual(["GET", "GET"]);
    expect(carriedOn()).toBe("enp1s0");
});

describe("a master that announces it", () => {
    test("detaches it from whoever has it, itself too", async () => {
        for (const holder of [OTHER, OWN]) {
            const { api, run, calls } = await host();
            api.holder = holder;
            expect((await run("free")).exitCode).toBe(0);
            expect(calls()).toEqual(["GET", "POST detach"]);
            expect(api.holder).toBe("");
        }
    });

    test("leaves alone what nobody has", async () => {
        const { api, run, calls } = await host();
        api.holder = "";
        expect((await run("free")).exitCode).toBe(0);
        expect(calls()).toEqual(["GET"]);
    });

    test("tries until it is done, and no longer than it is master", async () => {
        const { api, run, calls, beMaster } = await host();
        api.holder = OTHER;
        api.odd = { "POST detach": [{ status: 503 }] };
        expect((await run("free")).exitCode).toBe(0);
        expect(calls().filter((call) => call !== "GET")).toEqual(["POST detach", "POST detach"]);
        beMaster(false);
        api.holder = OTHER;
        expect((await run("free")).exitCode).toBe(1);
        expect(calls()).toEqual([]);
    });
});

test.each([
    [true, "enp1s0"],
    [false, undefined],
])(
    "while nobody has it, a master (%o) has it set up: who had it announced is asked for it still",
    async (isMaster, on) => {
        const { api, run, carriedOn, beMaster } = await host();
        beMaster(isMaster);
        api.holder = "";
        const held = run("held");
        await expect.poll(() => api.calls.length, { timeout: 20_000 }).toBeGreaterThan(2);
        expect(carriedOn()).toBe(on);
        api.holder = OTHER;
        expect((await held).exitCode).toBe(0);
    },
);

describe("killed between the calls", () => {
    /** `failover` as it waits for an answer that never comes, then killed. */
    async function killed(at: "POST detach" | "POST attach", isDone: boolean) {
        const there = await host();
        there.api.holder = OTHER;
        there.api.odd = { [at]: [{ hangs: true, ...(isDone ? {} : { status: 500 }) }] };
        const running = there.run("assign");
        await expect.poll(() => there.api.calls.at(-1), { timeout: 20_000 }).toBe(at);
        await there.kill(running);
        there.calls();
        return there;
    }

    test.each([
        ["before it was detached", "POST detach", false, ["POST detach", "POST attach"]],
        ["detached, and not attached", "POST detach", true, ["POST attach"]],
        ["as it was to be attached", "POST attach", false, ["POST attach"]],
        ["attached, and not told so", "POST attach", true, []],
    ] as const)("%s: the next look goes on from there", async (_, at, isDone, does) => {
        const { api, run, calls, carriedOn } = await killed(at, isDone);
        await run("reconcile");
        expect(calls().filter((call) => call !== "GET")).toEqual(does);
        expect(api.holder).toBe(OWN);
        expect(carriedOn()).toBe("enp1s0");
    });

    test("so does another host that is master by then", async () => {
        const { api, run, calls, beMaster } = await killed("POST detach", true);
        beMaster(false);
        await run("reconcile");
        expect(calls()).toEqual([]);
        // That one has a host, and a conf, of its own.
        const other = await host();
        other.api.holder = api.holder;
        await other.run("assign");
        expect(other.calls()).toEqual(["GET", "POST attach", "GET"]);
    });

    test("a newer notification ends one that waits, and goes on from there", async () => {
        const { api, run, kill, calls } = await host();
        api.holder = OTHER;
        api.odd = { "POST attach": [{ hangs: true, status: 500 }] };
        const first = run("assign");
        await expect.poll(() => api.calls.at(-1), { timeout: 20_000 }).toBe("POST attach");
        calls();
        await run("assign");
        await kill(first);
        expect((await first).signal).toBe("SIGTERM");
        expect(calls()).toEqual(["GET", "POST attach", "GET"]);
        expect(api.holder).toBe(OWN);
    });
});

describe("an API that fails", () => {
    test("between the calls: it is tried until it is there", async () => {
        const { api, run, calls } = await host();
        api.holder = OTHER;
        api.odd = { "POST attach": [{ status: 503 }, { status: 500 }] };
        const { all } = await run("assign");
        expect(calls().filter((call) => call !== "GET")).toEqual([
            "POST detach",
            ...["POST attach", "POST attach", "POST attach"],
        ]);
        expect(all).toMatch(/attach: HTTP 503 ; retrying within 250 ms/);
        expect(api.holder).toBe(OWN);
    });

    test("but has done it: that is seen, and not asked for again", async () => {
        const { api, run, calls } = await host();
        api.holder = OTHER;
        api.odd = {
            "POST detach": [{ status: 502, isDone: true }],
            "POST attach": [{ status: 504, isDone: true }],
        };
        await run("assign");
        expect(calls()).toEqual(["GET", "POST detach", "GET", "POST attach", "GET", "GET"]);
        expect(api.holder).toBe(OWN);
    });

    test("with too many calls: it is left alone for as long as it says", async () => {
        const { api, run, calls } = await host();
        api.holder = OTHER;
        api.odd = { "POST attach": [{ status: 429, retryAfter: 1, says: "Rate limit exceeded" }] };
        const began = Date.now();
        const { all } = await run("assign");
        expect(all).toMatch("attach: HTTP 429 Rate limit exceeded; retrying within 1500 ms");
        // Between half of that and all of it.
        expect(Date.now() - began).toBeGreaterThan(750);
        // Who has too many calls is not asked once more who has it.
        expect(calls().slice(0, 4)).toEqual(["GET", "POST detach", "POST attach", "GET"]);
        expect(api.holder).toBe(OWN);
    });

    test("as it is still detaching: it is asked again within seconds", async () => {
        const { api, run } = await host();
        const says = "Floating IPv4 address is already attached to another server";
        api.holder = OTHER;
        api.odd = { "POST attach": [{ status: 400, says }] };
        const { all } = await run("assign");
        expect(all).toMatch(`attach: HTTP 400 ${says}; retrying within 250 ms`);
        expect(api.holder).toBe(OWN);
    });

    test("as somebody else has detached it meanwhile: it is attached", async () => {
        const { api, run, calls } = await host();
        api.holder = OTHER;
        api.odd = { "POST detach": [{ status: 400, isDone: true }] };
        await run("assign");
        expect(calls()).toEqual(["GET", "POST detach", "GET", "POST attach", "GET"]);
        expect(api.holder).toBe(OWN);
    });

    test("with a key that may not: it is asked in ten seconds' time, and says what it said", async () => {
        const { api, run, kill, has } = await host();
        const says = "Unauthorized IP address";
        api.odd = { GET: [{ status: 401, says }] };
        const running = run("assign");
        let said = "";
        running.all!.on("data", (part) => {
            said += part;
        });
        await expect.poll(() => said, { timeout: 20_000 }).toMatch("retrying within 10000 ms");
        expect(said).toMatch(`asked who has 203.0.113.200: HTTP 401 ${says}`);
        expect(has("problem")).toBe(true);
        await kill(running);
    });
});

test("who is no longer master between the calls leaves the address to who is", async () => {
    const { api, run, calls, beMaster, carriedOn } = await host();
    api.holder = OTHER;
    api.odd = { "POST detach": [{ meanwhile: () => beMaster(false) }] };
    await run("assign");
    expect(calls()).toEqual(["GET", "POST detach"]);
    expect(carriedOn()).toBeUndefined();
});

describe("a look every few seconds", () => {
    test("at an address that is here sets it up again, should something have taken it away", async () => {
        const { api, run, calls, carriedOn } = await host();
        api.holder = OWN;
        await run("reconcile");
        expect(calls()).toEqual(["GET"]);
        expect(carriedOn()).toBe("enp1s0");
    });

    test("at one that another host has been given takes it back, once", async () => {
        const { api, run, calls, has, carriedOn } = await host();
        api.holder = OWN;
        await run("reconcile");
        for (const [again, does] of [
            [false, ["POST detach", "POST attach"]],
            [true, []],
        ] as const) {
            calls();
            api.holder = OTHER;
            const { all } = await run("reconcile");
            expect(calls().filter((call) => call !== "GET")).toEqual(does);
            expect(all).toMatch(`${OTHER} has 203.0.113.200, which was with VRRP master ${OWN}`);
            // What is meant for that host does not end here.
            expect(carriedOn()).toBe(again ? undefined : "enp1s0");
        }
        expect(has("contested")).toBe(true);
    });

    test("without an answer leaves all as it is", async () => {
        const { api, run, calls, carry, carriedOn } = await host();
        carry();
        api.odd = { GET: [{ status: 500 }] };
        await run("reconcile");
        expect(calls()).toEqual(["GET"]);
        expect(carriedOn()).toBe("enp1s0");
    });

    test("of who is not master asks while it has the address, and has it until another host does", async () => {
        const { api, run, calls, beMaster, carry, carriedOn } = await host();
        beMaster(false);
        await run("reconcile");
        expect(calls()).toEqual([]);
        carry();
        api.holder = OWN;
        await run("reconcile");
        expect(carriedOn()).toBe("enp1s0");
        api.holder = OTHER;
        await run("reconcile");
        expect(calls()).toEqual(["GET", "GET"]);
        expect(carriedOn()).toBeUndefined();
    });
});

test("who has it is told by name; a host that leaves the pair has nothing of it", async () => {
    const { api, run, carry, carriedOn } = await host();
    expect((await run("holder")).stdout).toBe("nobody has 203.0.113.200");
    api.holder = OTHER;
    expect((await run("holder")).stdout).toBe("203.0.113.200 is with lb-1");
    expect((await run("elsewhere")).exitCode).toBe(0);
    api.holder = OWN;
    expect((await run("elsewhere")).stdout).toBe("203.0.113.200 is with this host");
    carry();
    await run("leave");
    expect(carriedOn()).toBeUndefined();
});
