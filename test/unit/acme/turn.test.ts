import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type AcmeHost, acmeHost, newKey, pairKeys } from "../../support/acmeHost.ts";

// Each step starts programs; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const keys = pairKeys();
afterAll(() => keys[Symbol.dispose]());
let master: AcmeHost;
let backup: AcmeHost;
beforeEach(async () => {
    [master, backup] = [await acmeHost(keys), await acmeHost(keys)];
    master.isMaster(true);
    for (const host of [master, backup]) {
        expect(await host.run("ready")).toMatchObject({ exitCode: 0, stderr: "" });
        await host.startHaproxy();
    }
});
afterEach(() => Promise.all([master, backup].map((host) => host[Symbol.asyncDispose]())));

/** The backup finds at the address what the master has there now. */
const meet = async () => backup.settings({ port: await master.serve() });
const issued = async () => {
    expect(await master.run("turn")).toMatchObject({
        exitCode: 0,
        stderr: expect.stringContaining("a new one"),
    });
    await meet();
    await backup.run("turn");
};
const REFUSED = `  + ERROR: An error occurred while sending post-request to https://ca.example/challenge (Status 403)
{"type": "urn:ietf:params:acme:error:unauthorized", "detail": "The key authorization file is \\"wrong\\""}`;

describe("before there is a certificate", () => {
    test("HAProxy has one to start with, for root alone to read, and the status says so", async () => {
        const shown = execFileSync("openssl", ["x509", "-noout", "-text", "-in", master.bundle]).toString();
        expect(shown).toContain("DNS:www.shop.invalid, DNS:shop.invalid");
        expect(statSync(master.bundle).mode & 0o777).toBe(0o600);
        expect(await master.run("status")).toMatchObject({
            exitCode: 1,
            stdout: "www.shop.invalid: no certificate yet",
        });
    });

    test("what there is stays when the role is applied again", async () => {
        await issued();
        const before = readFileSync(master.bundle, "utf8");
        await master.run("ready");
        expect(readFileSync(master.bundle, "utf8")).toBe(before);
    });
});

describe("one renews, both have it", () => {
    test("the first one: HAProxy takes it without a reload, the other host from what is served at the address", async () => {
        const placeholder = master.serials().haproxy;
        await issued();
        const { disk, haproxy } = master.serials();
        expect(disk).not.toBe(placeholder);
        expect(haproxy).toBe(disk);
        expect(backup.serials()).toEqual({ disk, haproxy: disk });
        expect([master.orders(), backup.orders()]).toEqual([1, 0]);
        expect(await backup.run("status")).toMatchObject({
            exitCode: 0,
            stdout: expect.stringMatching(/^www\.shop\.invalid: until \d{4}-\d\d-\d\d$/),
        });
    });

    test.each([
        [59, 0],
        [61, 1],
    ])("after %i of 90 days %i more is asked for", async (days, more) => {
        await issued();
        await master.run("turn", days);
        expect(master.orders()).toBe(1 + more);
    });

    test("whoever has the address by then renews, and who had it before takes that", async () => {
        await issued();
        master.isMaster(false);
        backup.isMaster(true);
        await backup.run("turn", 61);
        expect(backup.orders()).toBe(1);
        master.settings({ port: await backup.serve() });
        await master.run("turn", 61);
        expect(master.serials()).toEqual(backup.serials());
        expect(master.orders()).toBe(1);
    });

    test("a host without the address asks nobody, however late it is", async () => {
        await issued();
        backup.settings({ port: 1 });
        await backup.run("turn", 100);
        expect(backup.orders()).toBe(0);
        expect(await backup.run("status", 100)).toMatchObject({
            exitCode: 1,
            stdout: expect.stringContaining("expired on"),
        });
    });

    test("one that was asked for by hand", async () => {
        await issued();
        const { disk } = master.serials();
        expect(await backup.run("renew")).toMatchObject({
            exitCode: 1,
            stderr: expect.stringContaining("another balancer has the address"),
        });
        await master.run("renew");
        await master.run("turn");
        expect(master.serials().disk).not.toBe(disk);
        await master.run("turn");
        expect(master.orders()).toBe(2);
    });

    test("HAProxy was not there: it is told when it is", async () => {
        await issued();
        const { haproxy } = master.serials();
        await master.stopHaproxy();
        await master.run("turn", 61);
        expect(master.serials().haproxy).toBe(haproxy);
    });

    test("HAProxy has another one: it is told, and until then that is not well", async () => {
        await issued();
        await master.run("turn", 61);
        await meet();
        execFileSync("cp", [master.bundle, backup.bundle]);
        expect(await backup.run("status", 61)).toMatchObject({
            exitCode: 1,
            stdout: expect.stringContaining("HAProxy has another one"),
        });
        await backup.run("turn", 61);
        expect(backup.serials().haproxy).toBe(master.serials().disk);
    });
});

describe("what is served at the address is taken only", () => {
    test("of the pair's own key", async () => {
        const stranger = pairKeys();
        const other = await acmeHost(stranger);
        other.isMaster(true);
        await other.run("turn");
        backup.settings({ port: await other.serve() });
        const { disk } = backup.serials();
        await backup.run("turn");
        expect(backup.serials().disk).toBe(disk);
        await other[Symbol.asyncDispose]();
        stranger[Symbol.dispose]();
    });

    test("for all names that it is to have", async () => {
        await master.run("turn");
        const names = ["www.shop.invalid", "shop.invalid", "api.shop.invalid"];
        backup.settings({ port: await master.serve(), certificates: [{ id: "www.shop.invalid", names }] });
        const { disk } = backup.serials();
        await backup.run("turn");
        expect(backup.serials().disk).toBe(disk);
    });

    test("if it is a certificate at all: not the one that HAProxy started with", async () => {
        await meet();
        await backup.run("turn");
        expect((await backup.run("status")).stdout).toContain("no certificate yet");
    });
});

describe("another one is asked for at once", () => {
    test("for other names", async () => {
        await issued();
        master.settings({ certificates: [{ id: "www.shop.invalid", names: ["www.shop.invalid"] }] });
        await master.run("turn");
        expect(master.orders()).toBe(2);
    });

    test("of another key; until then HAProxy serves with the former one", async () => {
        await issued();
        newKey(master.at("etc/lb/acme/www.shop.invalid.key"));
        await master.run("ready");
        expect(master.serials().disk).toBe(backup.serials().disk);
        master.refuses(REFUSED);
        await master.run("turn");
        expect(master.serials().disk).toBe(backup.serials().disk);
        expect((await master.run("status")).stdout).toContain("no certificate yet");
    });
});

describe("the authority refuses", () => {
    beforeEach(() => master.refuses(REFUSED));

    test("its own words are told, with what it may be due to", async () => {
        expect(await master.run("turn")).toMatchObject({
            exitCode: 0,
            stderr: 'certificate of www.shop.invalid: The key authorization file is "wrong"',
        });
        const { exitCode, stdout } = await master.run("status");
        expect(exitCode).toBe(1);
        expect(stdout).toMatch(
            /^www\.shop\.invalid: no certificate yet \(not all of its names lead here; failed once, again in \d+ min: The key authorization file is "wrong"\)$/,
        );
    });

    test("it is asked again after ten minutes, then after twenty, at most once a day", async () => {
        const tries = async (minutes: number) => {
            await master.run("turn", minutes / 1440);
            return master.orders();
        };
        const asked = [];
        for (const minutes of [0, 9, 11, 25, 32]) asked.push(await tries(minutes));
        expect(asked).toEqual([1, 1, 2, 2, 3]);
    });

    test("once the names lead here it is asked at once, and then no more often than before", async () => {
        const names = ["localhost"];
        master.settings({ address: "127.0.0.9", certificates: [{ id: "www.shop.invalid", names }] });
        for (let i = 0; i < 2; i++) await master.run("turn");
        expect(master.orders()).toBe(1);
        master.settings({ address: "127.0.0.1" });
        for (let i = 0; i < 2; i++) await master.run("turn");
        expect(master.orders()).toBe(2);
        expect((await master.run("status")).stdout).toMatch(/no certificate yet \(failed 2 times, again in/);
    });

    test("what it has had enough of is left for hours", async () => {
        master.refuses(
            '{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many failed authorizations"}',
        );
        await master.run("turn");
        await master.run("turn", 2 / 24);
        expect(master.orders()).toBe(1);
        await master.run("turn", 4 / 24);
        expect(master.orders()).toBe(2);
    });

    test("a nonce that is too old is no refusal: another one is taken at once", async () => {
        master.refuses('{"type": "urn:ietf:params:acme:error:badNonce", "detail": "old"}');
        await master.run("turn");
        expect(master.orders()).toBe(6);
        expect(master.record()).toMatchObject({ failures: 1 });
    });

    test("a certificate that still is good goes on, and what failed shows while it does", async () => {
        master.refuses();
        await issued();
        master.refuses(
            "ERROR: Problem connecting to server (get for https://ca.example/directory; curl returned with 60)",
        );
        await master.run("turn", 61);
        const good = await master.run("status", 61);
        expect(good).toMatchObject({
            exitCode: 0,
            stdout: expect.stringContaining(
                "https://ca.example/directory: its certificate is of no authority that is trusted here",
            ),
        });
        expect(await master.run("status", 77)).toMatchObject({ exitCode: 1 });
        expect(await master.run("status", 91)).toMatchObject({
            exitCode: 1,
            stdout: expect.stringContaining("expired on"),
        });
        master.refuses();
        await master.run("turn", 92);
        expect(master.record()).toBeUndefined();
    });
});

test("a certificate that the pair has no more leaves nothing", async () => {
    await issued();
    master.settings({ certificates: [] });
    await master.run("turn");
    expect(() => statSync(master.bundle)).toThrow("ENOENT");
});
