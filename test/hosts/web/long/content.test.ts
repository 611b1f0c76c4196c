import { expect, test } from "vitest";
import { succeeded } from "../../../support/flagship.ts";
import { sharedFlagship } from "../../../support/shared.ts";

const site = await sharedFlagship();

const PAGE = `files: { "index.html": \`<!doctype html>\\n<h1>\${config.require("greeting")}</h1>\\n\` },`;
/** A page that needs a style of its own version, as bundlers make them. */
const VERSIONED = `files: {
        "index.html": \`<!doctype html>\\n<link href="\${config.require("greeting")}.css">\\n\`,
        [\`\${config.require("greeting")}.css\`]: "h1 { color: green }",
    },`;

interface Visit {
    page: number;
    style: number;
    version: string | undefined;
}

/** The page, and then what it refers to; each from whichever host has its turn. */
async function visit(): Promise<Visit> {
    const ask = (url: string) => fetch(url, { headers: { connection: "close" } });
    const page = await ask(site.url);
    const [, version] = /href="(\w+)\.css"/.exec(await page.text()) ?? [];
    const style = await ask(`${site.url}${version}.css`);
    await style.arrayBuffer();
    return { page: page.status, style: style.status, version };
}

/** Visits, a few at a time, for as long as something is under way. */
async function visitedDuring(work: () => Promise<unknown>): Promise<Visit[]> {
    const visits: Visit[] = [];
    let isOver = false;
    const visitor = async () => {
        while (!isOver) visits.push(await visit());
    };
    const visitors = Array.from({ length: 4 }, visitor);
    await work().finally(() => {
        isOver = true;
    });
    await Promise.all(visitors);
    return visits;
}

test("while a page and its style change on one host after the other, no visitor gets one without the other", async () => {
    const restore = site.edit(PAGE, VERSIONED);
    await site.stack.pulumi("config", "set", "greeting", "one");
    try {
        succeeded(await site.stack.up());
        await site.stack.pulumi("config", "set", "greeting", "two");
        const visits = await visitedDuring(async () => succeeded(await site.stack.up()));
        expect(visits.filter(({ page, style }) => page !== 200 || style !== 200)).toEqual([]);
        expect(new Set(visits.map(({ version }) => version))).toEqual(new Set(["one", "two"]));
        expect(visits.length).toBeGreaterThan(100);
        // In the end what is gone is gone, on both.
        for (const host of ["web-0", "web-1"])
            expect(await site.on(host, "ls /var/www/html")).not.toContain("one");
        expect((await fetch(`${site.url}one.css`)).status).toBe(404);
        expect(succeeded(await site.stack.up("--expect-no-changes"))).toContain("41 unchanged");
    } finally {
        restore();
        await site.stack.pulumi("config", "rm", "greeting");
        succeeded(await site.stack.up());
    }
});

test("a hidden file that is there all the same is not served, and what stands in .well-known is", async () => {
    const put = "mkdir -p /var/www/html/.well-known && cd /var/www/html && echo x | tee .env >.well-known/x";
    await site.on("web-0", put);
    try {
        const status = (path: string) =>
            site.on("web-0", `curl -s -o /dev/null -w '%{http_code}' http://web-0/${path}`);
        expect(await status(".env")).toBe("404");
        expect(await status(".well-known/x")).toBe("200");
    } finally {
        await site.on("web-0", "rm -r /var/www/html/.env /var/www/html/.well-known");
    }
});
