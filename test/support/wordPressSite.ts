import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { Cloud } from "../../local/clouds/clouds.ts";
import { within } from "../../tools/waiting.ts";
import { Editor } from "./editor.ts";
import { type TestStack, testStack } from "./engine.ts";
import { apiOf, cloudDown, cloudEnvironment, onHost, succeeded, testCloud } from "./flagship.ts";
import { wordPressArchive } from "./wordPressCore.ts";

/** An example with WordPress, deployed on a local cloud of its own, under its address. */
export interface WordPressSite {
    cloud: Cloud;
    stack: TestStack;
    api: ReturnType<typeof apiOf>;
    url: string;
    /** Logged in as the administrator. */
    editor: Editor;
    /** Seconds that the first `up` took. */
    seconds: number;
    on(host: string, command: string): Promise<string>;
    /** What a host itself answers for a path of the site. */
    seenOn(host: string, path: string): Promise<string>;
    /** Reads a page again and again while something is done; tells how often, and what failed. */
    whileRead(path: string, work: () => Promise<unknown>): Promise<{ pages: number; failed: string[] }>;
    /** Waits until each host has a file that was uploaded. */
    haveMedia(hosts: string[], sourceUrl: string): Promise<unknown>;
    remove(): Promise<void>;
}

export async function deployWordPress(name: string, program: string, config = {}): Promise<WordPressSite> {
    const core = await wordPressArchive();
    const cloud = await testCloud(name);
    const stack = await testStack({
        program,
        config: { sha256: core.sha256, url: "http://blog.example.com", ...config },
        secrets: { failoverToken: cloud.failoverToken },
        env: cloudEnvironment(cloud),
    });
    copyFileSync(core.file, join(stack.folder, "wordpress.tar.gz"));
    const began = performance.now();
    succeeded(await stack.up());
    const seconds = Math.round((performance.now() - began) / 1000);
    const { address, adminPassword } = (await stack.outputs()) as { address: string; adminPassword: string };
    const url = `http://${address}`;
    succeeded(await stack.pulumi("config", "set", "url", url));
    succeeded(await stack.up());
    const editor = new Editor(url);
    await editor.login("captain", adminPassword);
    const on = (host: string, command: string) => onHost(cloud, host, command);
    const seenOn = (host: string, path: string) =>
        on(host, `curl -fsS -H 'Host: ${address}' 'http://${host}${path}'`);
    const hasMedia = (host: string, sourceUrl: string) =>
        within(30, `${sourceUrl} on ${host}`, () =>
            seenOn(host, sourceUrl.slice(url.length)).then(
                () => true,
                () => false,
            ),
        );
    return {
        cloud,
        stack,
        api: apiOf(cloud),
        url,
        editor,
        seconds,
        on,
        seenOn,
        async whileRead(path, work) {
            const visitor = new Editor(url);
            const failed: string[] = [];
            let [isOver, pages] = [false, 0];
            const working = work().finally(() => {
                isOver = true;
            });
            for (; !isOver; pages++) await visitor.page(path).catch((error) => failed.push(String(error)));
            await working;
            return { pages, failed };
        },
        haveMedia: (hosts, sourceUrl) => Promise.all(hosts.map((host) => hasMedia(host, sourceUrl))),
        async remove() {
            await cloudDown(name);
            stack.remove();
        },
    };
}
