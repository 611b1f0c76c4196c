import { readFileSync, readlinkSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
    type ContentHost,
    type ContentRole,
    contentHost,
    type Files,
    filesOf,
} from "../../support/contentHost.ts";
import { type GateHost, type GateOptions, gateHost } from "../../support/gateHost.ts";

let host: ContentHost;
let role: ContentRole;
let gate: GateHost;
let base: string;
beforeEach(async () => {
    host = await contentHost();
    role = host.role("shop-content");
    base = join(host.root, "shop");
    gate = await gateHost(host.root);
});
afterEach(async () => {
    await gate[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
});

const served = () => readFileSync(join(base, "current/index.php"), "utf8").trim();
const record = () =>
    JSON.parse(readFileSync(join(host.root, "roles/shop-content/content/gate.json"), "utf8"));

/** A version that has arrived. */
async function arrived(number: number): Promise<Files> {
    const files = await filesOf(
        { folder: base, reader: "daemon", releases: { keep: 2, shared: [] } },
        { "index.php": `${number}\n` },
    );
    await role.deliver(files.delivery);
    await role.arrive(files);
    return files;
}

/** Two versions: the first one is served, and has passed. */
async function two(): Promise<[Files, Files]> {
    const one = await arrived(1);
    await gate.run("publish", one);
    return [one, await arrived(2)];
}

/** Publishes while every request is answered like this. */
async function publish(
    files: Files,
    status: number,
    options: GateOptions = {},
    took = 0.01,
): Promise<string> {
    const running = gate.start("publish", files, options);
    await running.printed("watched for");
    const traffic = setInterval(() => gate.answers(status, took), 20);
    return running.ended.finally(() => clearInterval(traffic));
}

describe("a host's first release", () => {
    test("passes at once, as nobody can be worse off; and is served when its role comes", async () => {
        const one = await arrived(1);
        expect(served()).toBe("1");
        expect(await gate.run("publish", one, { seconds: 600 })).toBe(
            `probe-0: shop-content: release ${one.release}`,
        );
        expect(record()).toMatchObject({ passed: { id: one.id, settings: "one" }, trial: null });
        expect(await gate.run("publish", one, { seconds: 600 })).toBe("");
    });

    test("behind a gate that is new is not tried once more", async () => {
        const one = await arrived(1);
        await role.publish(one.id);
        expect(await gate.run("publish", one, { seconds: 600 })).toBe("");
        expect(served()).toBe("1");
    });
});

describe("another release", () => {
    test("is watched, and passes", async () => {
        const [one, next] = await two();
        const told = await publish(next, 200);
        expect(told).toMatch(
            new RegExp(
                `^probe-0: shop-content: release ${next.release}, before ${one.release}; watched for 0.4 s\n` +
                    "probe-0: shop-content: the gate of group a has passed: \\d+ requests, 0.0 % failed, not known$",
            ),
        );
        expect(served()).toBe("2");
        expect(await gate.run("publish", next, { seconds: 600 })).toBe("");
    });

    test("passes without visitors, and says so", async () => {
        const [, next] = await two();
        expect(await gate.run("publish", next)).toContain(
            "warning: the gate of group a has seen too few requests to judge by (none; 5 are enough)",
        );
        expect(served()).toBe("2");
    });

    test("that fails is put back at once, with a report", async () => {
        const [one, next] = await two();
        for (let i = 0; i < 20; i++) gate.answers(200);
        const began = Date.now();
        const report = await publish(next, 500, { seconds: 600 }).catch((error: Error) => error.message);
        expect(Date.now() - began).toBeLessThan(5000);
        expect(served()).toBe("1");
        expect(report).toMatch(
            new RegExp(
                [
                    "^evenkeel: probe-0: role shop-content: the gate of group a has tripped: 5 requests in a row have failed",
                    `  served:   release ${one.release} again; ${next.release} was tried`,
                    "  hosts:    probe-0",
                    "  requests: \\d+ \\(\\d+ with 500\\), 100.0 % failed in \\d\\.\\d s",
                    "  latency:  not known",
                    "  limits:   1 % may fail, and 95 of 100 are to take 500 ms at most",
                    "  before:   20 \\(20 with 200\\), 0.0 % failed in the half minute before",
                    "  next:     the groups after it were left alone\\. .+ tries it again, and of another one goes on with that",
                ].join("\n"),
            ),
        );
        expect(await role.release()).toBe(
            `${one.release}, rolled back from ${next.release}; kept: ${next.release}`,
        );
    });

    test("that was put back is tried again by the same program, which says so", async () => {
        const [one, next] = await two();
        await publish(next, 500).catch(() => undefined);
        expect(await publish(next, 200)).toMatch(
            new RegExp(
                `release ${next.release} was put back on \\d{4}-.+ UTC \\(5 requests in a row have failed\\): it is tried again\n` +
                    `.*release ${next.release}, before ${one.release}; watched`,
            ),
        );
        expect(served()).toBe("2");
        expect(record().put_back).toBeNull();
    });

    test("that was put back is over with the former program, and with a third one", async () => {
        const [one, next] = await two();
        await publish(next, 500).catch(() => undefined);
        await role.deliver(one.delivery);
        await role.arrive(one);
        expect(await gate.run("publish", one, { seconds: 600 })).toBe("");
        expect(served()).toBe("1");
        const third = await arrived(3);
        expect(await publish(third, 200)).toContain(
            `release ${third.release}, before ${one.release}; watched`,
        );
        expect(served()).toBe("3");
    });

    test("says when it was no better before", async () => {
        const [, next] = await two();
        for (let i = 0; i < 20; i++) gate.answers(i % 2 ? 200 : 503);
        await expect(publish(next, 500)).rejects.toThrow(
            "before:   20 (10 with 503, 10 with 200), 50.0 % failed in the half minute before: the cause may be elsewhere",
        );
    });

    test("with which the health path fails is put back", async () => {
        const [, next] = await two();
        gate.health = 502;
        await expect(publish(next, 200, { seconds: 600 })).rejects.toThrow("/healthz answers 502");
        expect(served()).toBe("1");
    });

    test("that hangs is put back: what it has not answered stands in no log", async () => {
        const [, next] = await two();
        const socket = join(host.root, "php.sock");
        const taken: Socket[] = [];
        const php = createServer((each) => taken.push(each)).listen(socket);
        const asking = Array.from({ length: 6 }, () => connect(socket));
        try {
            const running = gate.start("publish", next, { seconds: 600, php: socket });
            await expect(running.ended).rejects.toThrow(
                "6 requests wait for PHP, which has answered none for 5 s",
            );
        } finally {
            for (const each of [...asking, ...taken]) each.destroy();
            php.close();
        }
        expect(served()).toBe("1");
    }, 20_000);

    test("is followed in a log that is rotated", async () => {
        const [, next] = await two();
        gate.answers(200);
        const running = gate.start("publish", next, { seconds: 600 });
        await running.printed("watched for");
        await new Promise((resolve) => setTimeout(resolve, 300));
        rmSync(join(host.root, "gate.log"));
        for (let i = 0; i < 6; i++) gate.answers(500, 0);
        await expect(running.ended).rejects.toThrow("5 requests in a row have failed");
    });

    test("is finished with when whoever deploys has gone", async () => {
        const [, next] = await two();
        const running = gate.start("publish", next, { seconds: 600 });
        await running.printed("watched for");
        running.child.stdout!.destroy();
        running.child.stderr!.destroy();
        running.child.kill("SIGHUP");
        await new Promise((resolve) => setTimeout(resolve, 300));
        for (let i = 0; i < 6; i++) gate.answers(500, 0);
        await expect(running.ended).rejects.toThrow();
        expect(served()).toBe("1");
    });

    test("that was cut off is tried from the beginning, with the same way back", async () => {
        const [one, next] = await two();
        const running = gate.start("publish", next, { seconds: 600 });
        await running.printed("watched for");
        running.child.kill("SIGKILL");
        await running.ended.catch(() => undefined);
        expect(served()).toBe("2");
        await expect(publish(next, 500)).rejects.toThrow(
            `release ${one.release} again; ${next.release} was tried`,
        );
        expect(served()).toBe("1");
    });

    test("to which somebody has rolled back stays, whatever else changes of the gate", async () => {
        const [one, next] = await two();
        await publish(next, 200);
        await role.rollback(one.release!);
        expect(await gate.run("publish", next, { seconds: 500 })).toBe("");
        expect(served()).toBe("1");
    });
});

describe("other settings", () => {
    test("are watched, and stay when they do badly: there is no release to go back to", async () => {
        const [one] = await two();
        await role.deliver(one.delivery);
        await role.arrive(one);
        const report = publish(one, 500, { settings: "two" });
        await expect(report).rejects.toThrow(
            `served:   release ${one.release} still. What has changed are its settings or secrets; they stay until the program has the former ones again`,
        );
        // The next try is one, too; and with the former ones all is as it was.
        await expect(publish(one, 500, { settings: "two" })).rejects.toThrow("has tripped");
        expect(await gate.run("publish", one, { settings: "one", seconds: 600 })).toBe("");
    });
});

describe("a host of several", () => {
    const group = { hosts: "probe-0,probe-1", lease: 180 };

    test("that has passed waits for the others, and need not go back when they are through", async () => {
        const [, next] = await two();
        await publish(next, 200, group);
        expect(gate.timers()).toEqual(["stop", "in 180"]);
        expect(record().trial).toMatchObject({ tried: join(base, `releases/${next.release}`) });
        expect(await gate.run("keep", next, group)).toBe("");
        expect(gate.timers()).toEqual(["stop", "in 180", "stop"]);
        expect(await gate.lapse()).toBe("");
        expect(served()).toBe("2");
    });

    test("goes back by itself when they are not through in time, and tries again when they are", async () => {
        const [one, next] = await two();
        await publish(next, 200, group);
        expect(await gate.lapse()).toBe(
            `probe-0: shop-content: release ${one.release} again: its group was not through in time`,
        );
        expect(readlinkSync(join(base, "current"))).toBe(`releases/${one.release}`);
        // `publish` has succeeded here, so the engine asks for `keep` alone.
        expect(await gate.run("keep", next, group)).toContain("it is tried again");
        expect(served()).toBe("2");
        expect(record().trial).toBeNull();
    });

    test("has the former one to go back to when another release comes before that", async () => {
        const [one, next] = await two();
        await publish(next, 200, group);
        const third = await arrived(3);
        await expect(publish(third, 500, group)).rejects.toThrow(`release ${one.release} again`);
        expect(served()).toBe("1");
    });

    test("does not go back from what somebody has switched to", async () => {
        const [one, next] = await two();
        await publish(next, 200, group);
        await role.rollback(one.release!);
        await gate.lapse();
        expect(served()).toBe("1");
    });
});
