import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checksum } from "../../src/content/manifest.ts";
import { Site, WebPool, type WebPoolArgs } from "../../src/index.ts";
import { type GraphResource, graphOf } from "../support/graph.ts";

/** What a pool of two hosts with these files comes to. */
async function poolOf(args: Partial<WebPoolArgs>, preview = false): Promise<GraphResource[]> {
    return graphOf(
        () => {
            const site = new Site("shop", { cloud: "digitalocean", region: "fra1" });
            new WebPool("web", { placement: site.placement, ...args });
        },
        { preview },
    );
}
const named = (graph: GraphResource[], name: string) => graph.find((each) => each.name === name)!;
const inputs = (graph: GraphResource[], name: string) => named(graph, name).inputs as Record<string, string>;

describe("the files of a pool", () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "evenkeel-folder-"));
        writeFileSync(join(folder, "logo.bin"), Buffer.from([0, 255, 10]));
        writeFileSync(join(folder, "index.html"), "from the folder");
    });
    afterEach(async () => {
        await pulumi.runtime.disconnect();
        rmSync(folder, { recursive: true });
    });

    test("are in no input but short texts: the manifest's checksum stands for them", async () => {
        const files = { "index.html": "from the program", "long.txt": "x".repeat(1_000_000) };
        const graph = await poolOf({ folder, files });
        expect(inputs(graph, "web")).not.toHaveProperty("files");
        const { create, stdin } = inputs(graph, "web-0-content");
        expect(create).toContain("text -n index.html <<'EOF'\nfrom the program\nEOF");
        expect(create).toContain("# 2 files, 1.0 MB beside these, by their checksums\ncontent /var/www/html");
        expect(stdin).toMatch(/^value manifest \S{88}\nend\nmachine \S+\n$/);
        for (const name of ["web-0-publish", "web-0-tidy"])
            expect(inputs(graph, name).stdin).toMatch(/^[0-9a-f]{64}\nmachine \S+\n$/);
        const whole = JSON.stringify(graph);
        expect(whole).not.toContain("from the folder");
        expect(whole).not.toContain(Buffer.from("from the folder").toString("base64"));
        expect(whole).not.toContain("xxxxxxxx");
    });

    test("come to all hosts before one of them shows a page, and go when all of them do", async () => {
        const graph = await poolOf({ folder });
        const waits = (name: string) => named(graph, name).dependencies;
        expect(waits("web-1-content")).not.toContain("web-0-content");
        // Nor do they wait for what only the daemons need.
        expect(waits("web-1-content")).not.toContain("web-1-baseline");
        for (const host of ["web-0", "web-1"]) {
            expect(waits(`${host}-publish`)).toEqual(
                expect.arrayContaining(["web-0-content", "web-1-content"]),
            );
            expect(waits(`${host}-web`)).toContain(`${host}-publish`);
            expect(waits(`${host}-tidy`)).toEqual(
                expect.arrayContaining(["web-0-publish", "web-1-publish", "web-0-web", "web-1-web"]),
            );
        }
        expect(waits("web-1-publish")).toContain("web-0-publish");
    });

    test("leave the host with the pool, or when it has none any more", async () => {
        const graph = await poolOf({ folder });
        expect(inputs(graph, "web-0-content").delete).toContain("/retire web-content web-0");
        for (const name of ["web-0-publish", "web-0-tidy"])
            expect(inputs(graph, name).delete).toBeUndefined();
        const none = await poolOf({});
        expect(
            none.map(({ name }) => name).filter((name) => /content|publish|tidy|files/.test(name)),
        ).toEqual([]);
    });

    test("may be secrets: neither they nor a checksum of theirs stand in plain, and all else stays readable", async () => {
        const secret = "<?php $pin = '1234';";
        const graph = await poolOf({
            folder,
            files: { "a.html": "open\n", "config.php": pulumi.secret(secret) },
        });
        expect(JSON.stringify(graph)).not.toContain("1234");
        expect(inputs(graph, "web-0-content").create).toContain("text a.html");
        const plain = JSON.stringify(graph, (_, value) =>
            pulumi.runtime.isRpcSecret(value) ? "[secret]" : value,
        );
        for (const each of [checksum(secret), Buffer.from(secret).toString("base64")]) {
            expect(plain).not.toContain(each);
        }
        // A manifest's checksum could be tried with every PIN.
        for (const name of ["web-0-content", "web-0-publish", "web-0-tidy"])
            expect(pulumi.runtime.isRpcSecret(named(graph, name).inputs.stdin), name).toBe(true);
    });

    test("are read whatever is not known of one of them yet, but for that one's role", async () => {
        const graph = await graphOf(
            () => {
                const site = new Site("shop", { cloud: "digitalocean", region: "fra1" });
                const files = { "address.txt": site.placement.network };
                new WebPool("web", { placement: site.placement, hostCount: 1, files });
            },
            { preview: true },
        );
        expect(inputs(graph, "web-0-web").create).toContain("root /var/www/html;");
        expect(inputs(graph, "web-0-publish").create).toContain("content publish web-content web-0");
    });
});
