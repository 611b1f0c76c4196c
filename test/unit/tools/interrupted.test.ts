import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Cloud } from "../../../local/clouds/clouds.ts";
import { goOnFrom } from "../../../tools/demo/interrupted.ts";
import { configFile, linkConfig, projectFolder } from "../../../tools/stackConfig.ts";
import { releaseStaleLocks } from "../../../tools/staleLocks.ts";

function folder(): string {
    const made = mkdtempSync(join(tmpdir(), "evenkeel-test-"));
    onTestFinished(() => rmSync(made, { recursive: true }));
    return made;
}

function write(file: string, content: string): string {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
}

describe("a lock", () => {
    const locked = (lock: object | string) => {
        const backend = folder();
        const content = typeof lock === "string" ? lock : JSON.stringify({ hostname: hostname(), ...lock });
        const file = write(join(backend, ".pulumi/locks/organization/project/local/id.json"), content);
        const said = vi.spyOn(console, "error").mockImplementation(() => {});
        return { busy: releaseStaleLocks(backend), isThere: existsSync(file), said: said.mock.calls.flat() };
    };

    test("of a process that is gone is released, and that is said", () =>
        expect(locked({ pid: 99_999_999 })).toEqual({
            busy: [],
            isThere: false,
            said: ["The stack was locked by a Pulumi that is gone (process 99999999): unlocked."],
        }));
    test("whose number another program has by now is released", () =>
        expect(locked({ pid: process.pid })).toMatchObject({ busy: [], isThere: false }));
    test("without content, as a power cut leaves it, is released", () =>
        expect(locked("")).toMatchObject({ isThere: false }));
    test("of another machine stays", () =>
        expect(locked({ pid: 99_999_999, hostname: "elsewhere" })).toEqual({
            busy: [],
            isThere: true,
            said: [],
        }));
    test("is no reason to forget a stack: a note beside its state that was cut off goes, a whole one stays", () => {
        const backend = folder();
        const stacks = join(backend, ".pulumi/stacks/project");
        const [half, none, whole] = ["half", "none", "whole"].map((name) =>
            join(stacks, `${name}.json.attrs`),
        );
        write(half!, '{"user.cache_control":"","user.cont');
        write(none!, "");
        write(whole!, '{"md5":"gWbL0MmgJb9xZ13IUoB3KA=="}');
        expect(releaseStaleLocks(backend)).toEqual([]);
        expect([half, none, whole].map((note) => existsSync(note!))).toEqual([false, false, true]);
    });
    test("need not be there", () => expect(releaseStaleLocks(folder())).toEqual([]));
});

describe("the configuration of a cloud's stack", () => {
    const cloud = { name: "unit" } as Cloud;
    const project = (state = folder()) => {
        vi.stubEnv("XDG_STATE_HOME", state);
        const checkout = folder();
        write(join(checkout, "Pulumi.yaml"), "name: shop\n");
        return { state, checkout, config: configFile(checkout, cloud.name) };
    };

    test("is the same in every checkout", () => {
        const one = project();
        const other = project(one.state);
        linkConfig(cloud, one.checkout);
        writeFileSync(one.config, "config: {}\n");
        linkConfig(cloud, other.checkout);
        linkConfig(cloud, other.checkout);
        expect(readFileSync(other.config, "utf8")).toBe("config: {}\n");
    });

    test("of before is taken over, once", () => {
        const { state, checkout, config } = project();
        writeFileSync(config, "config: { a: b }\n");
        linkConfig(cloud, checkout);
        expect(lstatSync(config).isSymbolicLink()).toBe(true);
        expect(readFileSync(config, "utf8")).toBe("config: { a: b }\n");

        const said = vi.spyOn(console, "error").mockImplementation(() => {});
        const other = project(state);
        writeFileSync(other.config, "config: { c: d }\n");
        linkConfig(cloud, other.checkout);
        expect(readFileSync(other.config, "utf8")).toBe("config: { a: b }\n");
        const aside = join(other.checkout, "Pulumi.unit.former.yaml");
        expect(readFileSync(aside, "utf8")).toBe("config: { c: d }\n");
        expect(said.mock.calls.flat().join()).toContain(aside);
    });

    test("is looked for where the engine looks for the project", () => {
        const { checkout } = project();
        const below = join(checkout, "a", "b");
        mkdirSync(below, { recursive: true });
        expect(projectFolder({ cwd: below })).toBe(checkout);
        expect(projectFolder({ cwd: "/", options: ["-C", below] })).toBe(checkout);
        expect(projectFolder({ cwd: checkout, options: ["--cwd=a"] })).toBe(checkout);
        expect(projectFolder({ cwd: "/" })).toBe(undefined);
    });
});

describe("a stack whose `up` was cut off", () => {
    const droplet = (name: string, id?: string) => ({
        urn: `urn:pulumi:local::shop::digitalocean:index/droplet:Droplet::${name}`,
        type: "digitalocean:index/droplet:Droplet",
        inputs: { name },
        ...(id === undefined ? {} : { id }),
    });

    /** What the cloud is asked to remove, and what the engine is given back. */
    async function goneOn(deployment: object, present: object[]) {
        const backend = folder();
        const checkpoint = { latest: { resources: [droplet("web-0", "7")] } };
        write(join(backend, ".pulumi/stacks/other/local.json"), JSON.stringify({ checkpoint }));
        const said = vi.spyOn(console, "log").mockImplementation(() => {});
        const removed: string[] = [];
        const api = {
            call: async (method: string, path: string) => {
                if (method === "DELETE") removed.push(path);
                return { droplets: present };
            },
        };
        let imported: unknown;
        await goOnFrom(api, backend, async ([, command], input = "") => {
            if (command === "import") imported = JSON.parse(input);
            return JSON.stringify({ version: 3, deployment });
        });
        return { removed, imported, said: said.mock.calls.flat() };
    }

    test("loses what the cloud was creating, and nothing that a stack has", async () => {
        const { removed, imported, said } = await goneOn(
            { resources: [], pending_operations: [{ type: "creating", resource: droplet("web-0") }] },
            [
                { id: 7, name: "web-0" },
                { id: 8, name: "web-0" },
                { id: 9, name: "web-1" },
            ],
        );
        expect(removed).toEqual(["/v2/droplets/8"]);
        expect(imported).toEqual({ version: 3, deployment: { resources: [] } });
        expect(said.join("\n")).toContain("did not finish: this one goes on from there");
    });

    test("is as it was when it was finished", async () => {
        const stack = { urn: "", type: "pulumi:pulumi:Stack", outputs: { url: "http://198.51.100.1/" } };
        expect(await goneOn({ resources: [stack] }, [])).toEqual({ removed: [], said: [] });
        expect(await goneOn({}, [])).toEqual({ removed: [], said: [] });
    });
});
