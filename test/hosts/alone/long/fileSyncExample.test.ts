import { afterAll, beforeAll, expect, test } from "vitest";
import { succeeds, within } from "../../../../tools/waiting.ts";
import { power, pullPlug } from "../../../faults/hosts.ts";
import { testStack } from "../../../support/engine.ts";
import {
    cloudEnvironment,
    type Flagship,
    flagshipOn,
    succeeded,
    testCloud,
} from "../../../support/flagship.ts";

const HOSTS = ["web-0", "web-1", "web-2"];
let site: Flagship;

beforeAll(async () => {
    const cloud = await testCloud("test-file-sync");
    const stack = await testStack({
        program: "examples/file-sync",
        secrets: { failoverToken: cloud.failoverToken },
        env: cloudEnvironment(cloud),
    });
    succeeded(await stack.up());
    site = await flagshipOn(cloud, stack);
}, 600_000);
afterAll(async () => site?.remove());

async function upload(text: string): Promise<string> {
    const body = new FormData();
    body.set("file", new Blob([text], { type: "text/plain" }), "note.txt");
    const answer = await fetch(site.url, { method: "POST", body });
    const page = await answer.text();
    expect(answer.status, page).toBe(201);
    return /uploads\/([0-9a-f]{64}\.txt)/.exec(page)![1]!;
}

const everywhere = (name: string, hosts = HOSTS) =>
    within(20, `${name} on ${hosts.join(", ")}`, async () => {
        const lists = await Promise.all(hosts.map((host) => site.on(host, "ls /var/www/html/uploads")));
        return lists.every((list) => list.includes(name));
    });

test("what is uploaded to whichever host is on all of them, as the page stored it", async () => {
    const names = [];
    for (const i of [0, 1, 2, 3, 4, 5]) names.push(await upload(`note ${i}\n`));
    for (const name of names) await everywhere(name);
    // Whichever host answers.
    for (const [i, name] of names.entries())
        for (const _ of HOSTS) {
            const answer = await fetch(`${site.url}uploads/${name}`, { headers: { connection: "close" } });
            expect(await answer.text()).toBe(`note ${i}\n`);
        }
});

test("what is no picture and no text is refused", async () => {
    const body = new FormData();
    body.set("file", new Blob(["<?php phpinfo();"]), "page.php");
    expect((await fetch(site.url, { method: "POST", body })).status).toBe(400);
});

test("the host that the others exchange files with dies: uploads go on, and it catches up", async () => {
    await pullPlug(site, "web-0");
    const names: string[] = [];
    await within(30, "an upload to be answered", async () => {
        const name = await upload("while web-0 is away\n").catch(() => undefined);
        if (name) names.push(name);
        return name !== undefined;
    });
    const name = await upload("and another one\n");
    await everywhere(name, ["web-1", "web-2"]);
    await power(site, "web-0", "on");
    await within(120, "web-0 to boot", () => succeeds(site.on("web-0", "true")));
    await within(60, `${name} on web-0`, async () =>
        (await site.on("web-0", "ls /var/www/html/uploads").catch(() => "")).includes(name),
    );
});
