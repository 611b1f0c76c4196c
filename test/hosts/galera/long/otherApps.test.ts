import { afterAll, beforeAll, expect, test } from "vitest";
import { within } from "../../../../tools/waiting.ts";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { applications, foldersOfOthers, PASSWORD, WIKI } from "../../../support/mediaWiki.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();
const WEB = ["web-0", "web-1"];
const program = `${db.stack.folder}/index.ts`;
const folders = await foldersOfOthers();

const restore: (() => void)[] = [];
beforeAll(async () => {
    restore.push(editFile(program, "export const connection", applications("Wiki", folders)));
    succeeded(await db.stack.up());
}, 600_000);
afterAll(async () => {
    for (const each of restore.reverse()) each();
    succeeded(await db.stack.up());
    for (const host of WEB) {
        const left =
            "ls /etc/evenkeel/apps /etc/systemd/system/*job* /etc/nginx/sites-enabled 2>/dev/null || true";
        expect(await db.on(host, left)).not.toMatch(/wiki|tools/);
        await db.on(host, "rm -rf /var/www/wiki /var/www/tools /root/jar");
    }
    await db.on("db-0", "mariadb -e 'DROP DATABASE IF EXISTS pages'");
}, 300_000);

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** One browser, which is led to a host as a balancer would. */
async function asked(host: string, path: string, form: Record<string, string> = {}): Promise<string> {
    const fields = Object.entries(form).map(
        ([key, value]) => `--data-urlencode ${quoted(`${key}=${value}`)}`,
    );
    const led = `--connect-to wiki.example:8090:${host}:8090`;
    return db.on(
        "web-0",
        `curl -fsSL -b /root/jar -c /root/jar ${led} ${fields.join(" ")} ${quoted(WIKI + path)}`,
    );
}

const api = async (host: string, action: string, form: Record<string, string> = {}) =>
    JSON.parse(await asked(host, "/api.php", { action, format: "json", ...form }));

async function tokenOf(host: string, type: string): Promise<string> {
    const { query } = await api(host, "query", { meta: "tokens", type });
    return query.tokens[`${type}token`];
}

const edit = async (host: string, title: string, text: string) => {
    const { edit } = await api(host, "edit", { title, text, token: await tokenOf(host, "csrf") });
    expect(edit.result).toBe("Success");
};

test("MediaWiki is installed once, and both hosts have it; a second `up` has nothing to do", async () => {
    succeeded(await db.stack.up("--expect-no-changes"));
    for (const host of WEB)
        expect(await asked(host, "/index.php/Main_Page")).toContain("MediaWiki has been installed");
});

test("an editor logs in on one host, and writes on the other one", async () => {
    const { clientlogin } = await api("web-0", "clientlogin", {
        username: "Captain",
        password: PASSWORD,
        loginreturnurl: WIKI,
        logintoken: await tokenOf("web-0", "login"),
    });
    expect(clientlogin).toMatchObject({ status: "PASS", username: "Captain" });
    await edit("web-1", "Log", "Day one: calm, from the other host. [[Harbour]]");
    for (const host of WEB) expect(await asked(host, "/index.php/Log")).toContain("Day one: calm");
});

test("its queue is worked off by the clock: links are known", async () => {
    await within(150, "the queue to be empty", async () => {
        const { query } = await api("web-0", "query", { meta: "siteinfo", siprop: "statistics" });
        return query.statistics.jobs === 0;
    });
    for (const host of WEB)
        expect(await asked(host, "/index.php/Special:WhatLinksHere/Harbour")).toContain("Log");
});

test("a second version changes its tables, and forgets nothing: the editor goes on", async () => {
    const undo = editFile(program, "$wgSitename = 'Wiki'", "$wgSitename = 'The wiki, second edition'");
    succeeded(await db.stack.up());
    restore.push(undo);
    for (const host of WEB)
        expect(await asked(host, "/index.php/Log")).toMatch(/The wiki, second edition[\s\S]*Day one: calm/);
    await edit("web-0", "Log", "Day two: no upgrade was felt.");
});

test("Adminer shows the tables, with user and password alone", async () => {
    const login = Object.entries({
        driver: "server",
        server: "127.0.0.1:3316",
        username: "pages",
        db: "pages",
    })
        .map(([key, value]) => `--data-urlencode 'auth[${key}]=${value}'`)
        .join(" ");
    const page = await db.on(
        "web-1",
        `curl -fsSL -b /root/jar -c /root/jar ${login} --data-urlencode 'auth[password]@/etc/evenkeel/apps/wiki-app/DB_PASSWORD' http://web-1:8091/; rm /root/jar`,
    );
    expect(page).toContain("select=revision");
});
