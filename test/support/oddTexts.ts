import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { GraphResource } from "./graph.ts";
import { graphUnlessRefused, isText, make, places } from "./oddArguments.ts";
import { at, type FullProgram, withKey, withValue } from "./programs.ts";
import { wordsOf } from "./wordsOf.ts";

/** What people, and programs that hand on what people wrote, give for names and texts. */
const written = [
    ...[
        "",
        " ",
        "two words",
        " ahead",
        "behind ",
        "localhost",
        "Upper",
        "a.b",
        "../up",
        "/",
        "-x",
        "--help",
        "10",
    ],
    ...[
        "'",
        '"',
        "`id`",
        "$(id)",
        "$" + "{HOME}",
        "$x",
        "a;id",
        "a|id",
        "a&id",
        "a>b",
        "*",
        "?",
        "[a]",
        "{a,b}",
        "~root",
    ],
    ...[
        "\n",
        "a\nb",
        "a\r\nb",
        "\t",
        "\0",
        "#c",
        "a #c",
        "\\",
        "\\n",
        "%h",
        "{{value key}}",
        "EOF",
        "!",
        "a=b",
        "a:b",
    ],
    ...[
        "a".repeat(64),
        "é",
        "名前",
        "a\u200bb",
        "\ud800",
        "\u2028",
        "1e9",
        "null",
        "__proto__",
        "constructor",
    ],
];
const random = fc.oneof(
    fc.string({ unit: "binary", maxLength: 70 }),
    fc.string({ unit: fc.constantFrom(..."ab -_.'\"$(){}\n\\;"), maxLength: 70 }),
);

const keys = places.filter(([, path]) =>
    ["environment", "files", "phpSettings", "secrets", "settings"].includes(String(path.at(-2))),
);

/** What a role's text came to before: of a graph with one odd text, most are as in the plain one, and a shell takes 20 ms. */
const known = new Map<string, string[]>();

function wordsOfRole(text: string): string[] {
    const words = known.get(text) ?? wordsOf(text);
    known.set(text, words);
    return words;
}

/** All that a graph would have done: the words of each role's text, and every other input. */
function wordsIn(graph: GraphResource[]): string {
    const texts = graph.flatMap(({ type, name, inputs }) => {
        const { create, ...rest } = inputs;
        // Programs, which travel with the packages, are the library's.
        if (name.endsWith("-install")) return [];
        const isRole = type === "command:remote:Command";
        return [...(isRole ? wordsOfRole(String(create)) : []), ...leavesOf(rest)];
    });
    return texts.join("\0");
}

function leavesOf(value: unknown): string[] {
    if (typeof value === "string") return [value, ...value.split("\n").map(decoded)];
    if (typeof value !== "object" || value === null) return [];
    return Object.values(value).flatMap(leavesOf);
}

/** Values travel to hosts in base64. */
const decoded = (line: string) =>
    line.startsWith("value ") ? Buffer.from(line.split(" ")[2]!, "base64").toString() : "";

/** Tests that an odd text is one error, or reaches its place whole and nothing else of it is run; of all such pairs one in so many. */
export function takeOddTexts(programs: FullProgram[], oneIn = 1): void {
    afterEach(async () => pulumi.runtime.disconnect());
    const described = programs.map((program) => [program.what, program] as const);
    test.each(described)("%s", { timeout: 300_000 }, async (_what, program) => {
        const { args, name } = program;
        const plain = wordsIn((await graphUnlessRefused(() => make(program, args)))!);
        const own = places.filter(([each]) => each === program);
        const slots = [
            ...own.filter(isText).map(([, path]) => ({
                value: String(at(args, path)),
                build: (text: string) => make(program, withValue(args, path, text)),
            })),
            ...keys
                .filter(([each]) => each === program)
                .map(([, path]) => ({
                    value: String(path.at(-1)),
                    build: (text: string) => make(program, withKey(args, path, text)),
                })),
            { value: name, build: (text: string) => make(program, args, text) },
        ];
        const isWhole = async ({ value, build }: (typeof slots)[number], text: string) => {
            const graph = await graphUnlessRefused(() => build(text));
            if (!graph) return;
            const words = wordsIn(graph);
            if (plain.includes(value))
                expect(words.includes(text), `"${text}" in place of "${value}"`).toBe(true);
        };
        const pairs = slots.flatMap((slot) => written.map((text) => [slot, text] as const));
        for (const [slot, text] of pairs.filter((_, i) => i % oneIn === 0)) await isWhole(slot, text);
        const tried = fc.asyncProperty(fc.constantFrom(...slots), random, isWhole);
        await fc.assert(tried, { numRuns: Math.ceil((5 * slots.length) / oneIn), endOnFailure: true });
    });
}
