import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { missingGo, neededGo } from "../../../tools/engine/go.ts";
import { pluginOf, requiredPlugins } from "../../../tools/engine/plugins.ts";
import { isFresh } from "../../../tools/engine/refusals.ts";
import { isAtLeast, PULUMI_VERSION, versionIn } from "../../../tools/engine/versions.ts";
import { checkout } from "../../../tools/paths.ts";

describe("versions", () => {
    test.each([
        ["v3.259.0\n", "3.259.0"],
        ["go version go1.26.8 linux/amd64", "1.26.8"],
        ["go version go1.26 linux/amd64", "1.26"],
        ["command not found", undefined],
    ])("in %j is %s", (text, version) => expect(versionIn(text)).toBe(version));

    test.each([
        ["3.200.0", "3.200.0", true],
        ["3.199.9", "3.200.0", false],
        ["4.0.0", "3.200.0", true],
        ["3.1000.0", "3.200.0", true],
        ["1.26", "1.26.0", true],
        ["1.19.8", "1.26", false],
    ])("%s is at least %s: %s", (have, want, answer) => expect(isAtLeast(have, want)).toBe(answer));
});

describe("a build needs Go", () => {
    test("as new as the pinned modules say", () => {
        for (const module of ["pulumi", "language-nodejs"]) {
            const goMod = readFileSync(join(checkout, "tools/engine/go", module, "go.mod"), "utf8");
            expect(isAtLeast(neededGo(goMod), "1.20")).toBe(true);
        }
    });

    test("and says which one, what was found, and where to get it", () => {
        expect(missingGo("1.26", ["1.19.8 (go)"])).toMatchInlineSnapshot(`
          "There is no Pulumi here, its downloads are out of reach, and building it needs Go 1.26 or newer.
          Found: Go 1.19.8 (go).
          Install Go from https://go.dev/dl/ (into /usr/local/go, or anywhere on PATH),
          or Pulumi itself from https://www.pulumi.com/docs/install/, and run this again."
        `);
        expect(missingGo("1.26", [])).toContain("No Go was found.");
    });

    test("and builds the version that it says it builds", () => {
        const goMod = readFileSync(join(checkout, "tools/engine/go/pulumi/go.mod"), "utf8");
        expect(goMod).toContain(`github.com/pulumi/pulumi/pkg/v3 v${PULUMI_VERSION}`);
    });
});

describe("plugins", () => {
    test("are those of the provider packages, to the exact version", () => {
        const names = requiredPlugins().map(({ name }) => name);
        expect(names).toEqual(expect.arrayContaining(["command", "digitalocean", "random", "tls", "vultr"]));
    });

    test("follow what a package says about its plugin", () => {
        const server = "github://api.github.com/dirien/pulumi-vultr";
        expect(pluginOf({ version: "v2.21.0", pulumi: { resource: true, name: "vultr", server } })).toEqual([
            { name: "vultr", version: "2.21.0", server },
        ]);
        expect(
            pluginOf({ version: "1.0.0", pulumi: { resource: true, name: "tls", version: "5.6.1" } }),
        ).toEqual([{ name: "tls", version: "5.6.1" }]);
        expect(pluginOf({ version: "1.0.0" })).toEqual([]);
    });
});

describe("a refused download", () => {
    const now = Date.parse("2026-11-21T12:00:00Z");
    test.each([
        ["2026-11-21T11:59:00Z", true],
        ["2026-11-20T12:00:01Z", true],
        ["2026-11-20T11:59:00Z", false],
        ["2026-11-22T12:00:00Z", false],
        ["no date", false],
    ])("at %s is still remembered: %s", (at, answer) => expect(isFresh(at, now)).toBe(answer));
});
