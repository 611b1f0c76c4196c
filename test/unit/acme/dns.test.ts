import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestApi, testApi, tokens } from "../../support/digitalocean.ts";
import { PYTHON } from "../../support/python.ts";

const folder = mkdtempSync(join(tmpdir(), "evenkeel-acme-dns-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The hook, as dehydrated calls it. */
async function hook(dns: Record<string, unknown>, token: string, ...words: string[]) {
    mkdirSync(join(folder, "acme"), { recursive: true });
    writeFileSync(join(folder, "acme.json"), JSON.stringify({ dns: { wait: 0, ...dns } }));
    writeFileSync(join(folder, "acme/dns.header"), `Authorization: Bearer ${token}\n`);
    const env = { EVENKEEL_ACME: join(folder, "acme.json") };
    return execa(PYTHON, ["-B", "src/acme/onhost/acme-dns", ...words], { env, reject: false });
}

describe("DigitalOcean's DNS", () => {
    let api: TestApi;
    beforeAll(async () => {
        api = await testApi();
        for (const name of ["example.com", "shop.example.com"])
            await api.call("POST", "/v2/domains", { name });
        await api.call("POST", "/v2/domains/example.com/records", {
            type: "TXT",
            name: "_acme-challenge",
            data: "another's",
        });
    });
    afterAll(() => api[Symbol.asyncDispose]());
    const digitalocean = (...words: string[]) =>
        hook({ provider: "digitalocean", api: api.url }, tokens.token, ...words);
    const records = async (zone: string) => {
        const { body } = await api.call("GET", `/v2/domains/${zone}/records?type=TXT`);
        return (body.domain_records as { name: string; data: string; ttl: number }[]).map(
            ({ name, data, ttl }) => [name, data, ttl],
        );
    };

    test("answers are written to the zone that is nearest, and taken away alone", async () => {
        const answers = [
            "example.com",
            "t1",
            "v-1",
            "example.com",
            "t2",
            "v-2",
            "a.b.shop.example.com",
            "t3",
            "v_3",
        ];
        expect(await digitalocean("deploy_challenge", ...answers)).toMatchObject({ exitCode: 0, stderr: "" });
        const another = ["_acme-challenge", "another's", 1800];
        expect(await records("example.com")).toEqual([
            another,
            ["_acme-challenge", "v-1", 120],
            ["_acme-challenge", "v-2", 120],
        ]);
        expect(await records("shop.example.com")).toEqual([["_acme-challenge.a.b", "v_3", 120]]);
        expect(await digitalocean("clean_challenge", ...answers)).toMatchObject({ exitCode: 0, stderr: "" });
        expect(await records("example.com")).toEqual([another]);
        expect(await records("shop.example.com")).toEqual([]);
    });

    test("a name without a zone: said, and what was written before is taken away", async () => {
        const failed = await digitalocean(
            "deploy_challenge",
            "shop.example.com",
            "t",
            "v",
            "www.example.org",
            "t",
            "v",
        );
        expect(failed).toMatchObject({
            exitCode: 1,
            stderr: "ERROR: DNS of digitalocean: the account has no zone for _acme-challenge.www.example.org",
        });
        expect(await records("shop.example.com")).toEqual([]);
    });

    test("a token that may not: said, without the token", async () => {
        const failed = await hook(
            { provider: "digitalocean", api: api.url },
            tokens.failoverToken,
            "deploy_challenge",
            "example.com",
            "t",
            "v",
        );
        expect(failed).toMatchObject({
            exitCode: 1,
            stderr: "ERROR: DNS of digitalocean: HTTP Error 403: Forbidden",
        });
    });

    test("whatever else dehydrated calls it for is none of its business", async () => {
        for (const words of [
            ["startup_hook"],
            ["exit_hook", "an error"],
            ["request_failure", "403", "", "post", ""],
        ])
            expect(await digitalocean(...words)).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    });
});

test("Vultr's DNS: its texts are quoted, its zones the same", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
        let body = "";
        request.on("data", (part) => {
            body += part;
        });
        request.on("end", () => {
            asked.push([request.method, request.url, body].join(" ").trim());
            const isZone = request.url!.startsWith("/v2/domains/example.com");
            response.statusCode = request.headers.authorization !== "Bearer word" ? 401 : isZone ? 200 : 404;
            const record = { id: "r-1", type: "TXT", name: "_acme-challenge.www", data: '"v-1"' };
            response.end(JSON.stringify({ records: [record, { ...record, id: "r-2", data: '"another"' }] }));
        });
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const api = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    for (const what of ["deploy_challenge", "clean_challenge"])
        expect(
            await hook({ provider: "vultr", api }, "word", what, "www.example.com", "t", "v-1"),
        ).toMatchObject({ exitCode: 0, stderr: "" });
    await new Promise((closed) => server.close(closed));
    expect(asked.filter((line) => !/^GET \S+\/(www\.)?example\.com$/.test(line))).toEqual([
        'POST /v2/domains/example.com/records {"type": "TXT", "name": "_acme-challenge.www", "data": "\\"v-1\\"", "ttl": 120}',
        "GET /v2/domains/example.com/records?per_page=500",
        "DELETE /v2/domains/example.com/records/r-1",
    ]);
});
