import bcrypt from "bcryptjs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Resource } from "../../../local/plugins/kit/resource.ts";
import { type Props, reveal, text } from "../../../local/plugins/kit/values.ts";
import { random } from "../../../local/plugins/random/provider.ts";
import { check, testCall } from "../../support/plugins.ts";

function resource(kind: string): Resource {
    return random.resources[`random:index/random${kind}:Random${kind}`] as Resource;
}

async function make(kind: string, news: Props): Promise<{ id: string; outputs: Props }> {
    const { id, outputs } = await resource(kind).create(check(resource(kind), news), testCall());
    return { id, outputs: reveal(outputs) as Props };
}

const kinds = { upper: /[A-Z]/g, lower: /[a-z]/g, numeric: /[0-9]/g, special: /[^A-Za-z0-9]/g };
const minimums = {
    upper: "minUpper",
    lower: "minLower",
    numeric: "minNumeric",
    special: "minSpecial",
} as const;

test("a string has its length, the minimum of each kind and nothing of a kind that is off", async () => {
    const flags = fc.record({
        upper: fc.boolean(),
        lower: fc.boolean(),
        numeric: fc.boolean(),
        special: fc.boolean(),
    });
    await fc.assert(
        fc.asyncProperty(flags, fc.nat(3), fc.nat(20), async (on, minimum, extra) => {
            const wanted = Object.entries(on).filter(([, value]) => value);
            fc.pre(wanted.length > 0);
            const least = wanted.map(([kind]) => [minimums[kind as keyof typeof on], minimum]);
            const length = minimum * wanted.length + extra + 1;
            const { outputs } = await make("String", { ...on, ...Object.fromEntries(least), length });
            const result = text(outputs.result);
            expect(result).toHaveLength(length);
            for (const [kind, pattern] of Object.entries(kinds)) {
                const found = result.match(pattern)?.length ?? 0;
                if (on[kind as keyof typeof on]) expect(found).toBeGreaterThanOrEqual(minimum);
                else expect(found).toBe(0);
            }
        }),
    );
});

test("special characters are those that are given", async () => {
    const { outputs } = await make("String", {
        length: 40,
        upper: false,
        lower: false,
        numeric: false,
        overrideSpecial: "_-",
    });
    expect(outputs.result).toMatch(/^[_-]{40}$/);
});

test("a length below the minimums is refused", () => {
    const { failures } = resource("Password").check({
        name: "p",
        olds: {},
        seed: new Uint8Array(),
        news: { length: 3, minUpper: 4 },
    });
    expect(failures).toEqual([
        {
            property: "length",
            reason: "length value must be at least sum of minUpper + minLower + minNumeric + minSpecial, got: 3",
        },
    ]);
});

test("a password is secret and comes with a hash that fits it", async () => {
    const { id, outputs } = await resource("Password").create(
        check(resource("Password"), { length: 24 }),
        testCall(),
    );
    expect(id).toBe("none");
    for (const name of ["result", "bcryptHash"])
        expect(outputs[name]).toHaveProperty(["4dabf18193072939515e22adb298388d"]);
    const { result, bcryptHash } = reveal(outputs) as Record<string, string>;
    expect(bcryptHash).toMatch(/^\$2a\$10\$/);
    expect(await bcrypt.compare(result ?? "", bcryptHash ?? "")).toBe(true);
    expect((await make("Password", { length: 24 })).outputs.result).not.toBe(result);
});

test("all forms of an id are of the same bytes", async () => {
    const { id, outputs } = await make("Id", { byteLength: 4, prefix: "x-" });
    const bytes = Buffer.from(id, "base64url");
    expect(bytes).toHaveLength(4);
    expect(outputs).toMatchObject({
        hex: `x-${bytes.toString("hex")}`,
        dec: `x-${bytes.readUInt32BE()}`,
        b64Std: `x-${bytes.toString("base64")}`,
        b64Url: `x-${id}`,
    });
});

test("integers lie between their bounds, both included, and follow a seed", async () => {
    const seen = new Set<unknown>();
    for (let i = 0; i < 100; i++) seen.add((await make("Integer", { min: 1, max: 3 })).outputs.result);
    expect([...seen].sort()).toEqual([1, 2, 3]);
    const seeded = () => make("Integer", { min: 1, max: 1e9, seed: "s" });
    expect((await seeded()).id).toBe((await seeded()).id);
});

test("UUIDs and bytes", async () => {
    expect((await make("Uuid", {})).id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const { id, outputs } = await make("Bytes", { length: 8 });
    expect(Buffer.from(id, "base64").toString("hex")).toBe(outputs.hex);
});
