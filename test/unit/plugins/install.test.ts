import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hasOfficialPlugin, installPlugins } from "../../../local/plugins/install.ts";
import { sdkVersion } from "../../../local/plugins/providers.ts";

const names = ["command", "digitalocean", "random", "tls", "vultr"];
let home: string;

beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "evenkeel-plugins-"));
});
afterEach(() => rm(home, { recursive: true }));

function plugin(name: string): string {
    return join(home, "plugins", `resource-${name}-v${sdkVersion(name)}`, `pulumi-resource-${name}`);
}

test("each plugin is installed for the version of its SDK, as a script that can be run", async () => {
    expect((await installPlugins(home)).sort()).toEqual(names);
    expect(sdkVersion("command")).toMatch(/^\d+\.\d+\.\d+$/);
    // Its package says v2.21.0.
    expect(sdkVersion("vultr")).toMatch(/^\d+\.\d+\.\d+$/);
    for (const name of names) {
        const script = await readFile(plugin(name), "utf8");
        expect(script.split("\n")).toHaveLength(3);
        expect((await stat(plugin(name))).mode & 0o777).toBe(0o755);
    }
});

test("a second installation changes nothing", async () => {
    await installPlugins(home);
    const before = await stat(plugin("tls"));
    await installPlugins(home);
    const after = await stat(plugin("tls"));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
    expect(await hasOfficialPlugin(home, "tls")).toBe(false);
});

test("a script of another checkout is replaced, an official plugin is left alone", async () => {
    await installPlugins(home);
    const old = (await readFile(plugin("random"), "utf8")).replace("main.ts", "moved.ts");
    await writeFile(plugin("random"), old);
    await rm(dirname(plugin("tls")), { recursive: true });
    await mkdir(dirname(plugin("tls")));
    await writeFile(plugin("tls"), "\x7fELF official");
    await chmod(plugin("tls"), 0o755);

    expect((await installPlugins(home)).sort()).toEqual(["command", "digitalocean", "random", "vultr"]);
    expect(await readFile(plugin("random"), "utf8")).not.toContain("moved.ts");
    expect(await readFile(plugin("tls"), "utf8")).toBe("\x7fELF official");
    expect(await hasOfficialPlugin(home, "tls")).toBe(true);
});

test.each(names)("the installed %s says the port that it serves the engine on", async (name) => {
    await installPlugins(home);
    const child = promisify(execFile)(plugin(name), ["--logtostderr", "-v=9", "127.0.0.1:1"]);
    let said = "";
    await new Promise<void>((resolve) => {
        child.child.stdout?.on("data", (chunk: string) => {
            said += chunk;
            if (said.endsWith("\n")) resolve();
        });
    });
    child.child.kill();
    await child.catch(() => undefined);
    expect(said).toMatch(/^\d+\n$/);
});
