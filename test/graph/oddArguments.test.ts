import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { type GraphResource, graphOf } from "../support/graph.ts";
import {
    at,
    type FullProgram,
    fullPrograms,
    type Path,
    pathsOf,
    withKey,
    withValue,
} from "../support/programs.ts";
import { wordsOf } from "../support/wordsOf.ts";

afterEach(async () => pulumi.runtime.disconnect());

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

/** Of another kind than the one that belongs there. */
const kinds = [
    null,
    7,
    -1,
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "x",
    "",
    [],
    ["x"],
    {},
    { x: 1 },
    true,
    false,
];
const stranger = [
    () => 1,
    Symbol("x"),
    10n,
    new Date(0),
    new Map(),
    pulumi.output("x"),
    Promise.resolve("x"),
];

type Placed = [program: FullProgram, path: Path];
const isText = ([{ args }, path]: Placed) => typeof at(args, path) === "string";
/** What `folder` holds is read when the program runs. */
const places: Placed[] = fullPrograms.flatMap((program) =>
    pathsOf(program.args).map((path): Placed => [program, path]),
);
const keys = places.filter(([, path]) => ["files", "settings"].includes(String(path.at(-2))));

const make = ({ Component, name }: FullProgram, args: unknown, called: unknown = name) =>
    new Component(called as string, args as never);

/** What was registered, or nothing if the arguments were refused in the one way there is. */
async function graphUnlessRefused(program: () => unknown): Promise<GraphResource[] | undefined> {
    try {
        return await graphOf(program);
    } catch (error) {
        if (!pulumi.InputPropertiesError.isInstance(error)) throw error;
        expect(error.errors).not.toEqual([]);
        return undefined;
    }
}

/** All that a graph would have done: the words of each role's text, and every other input. */
function wordsIn(graph: GraphResource[]): string {
    const texts = graph.flatMap(({ type, name, inputs }) => {
        const { create, ...rest } = inputs;
        // Programs, which travel with the packages, are the library's.
        if (name.endsWith("-install")) return [];
        const isRole = type === "command:remote:Command";
        return [...(isRole ? wordsOf(String(create)) : []), ...leavesOf(rest)];
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

describe("an odd text is one error, or reaches its place whole and nothing else of it is run", () => {
    const described = fullPrograms.map((program) => [program.what, program] as const);
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
        for (const slot of slots) for (const text of written) await isWhole(slot, text);
        const tried = fc.asyncProperty(fc.constantFrom(...slots), random, isWhole);
        await fc.assert(tried, { numRuns: 5 * slots.length, endOnFailure: true });
    });
});

/** Sound numbers and texts are the other test's, and what inputs hold is known later. */
const isOfItsKind = (value: unknown, place: unknown) =>
    typeof value === typeof place &&
    typeof value !== "object" &&
    !Object.is(value, Number.NaN) &&
    value !== Number.POSITIVE_INFINITY;
const isLate = (value: unknown) => pulumi.Output.isInstance(value) || value instanceof Promise;

test("a value of another kind is one error, wherever it stands, and never one of JavaScript's own", {
    timeout: 300_000,
}, async () => {
    const accepted = new Set<string>();
    for (const [program, path] of places) {
        for (const value of [...kinds, ...stranger]) {
            if (isOfItsKind(value, at(program.args, path)) || isLate(value)) continue;
            const graph = await graphUnlessRefused(() => make(program, withValue(program.args, path, value)));
            if (graph) accepted.add(`${program.what}: ${path.join(".")}`);
        }
    }
    for (const value of [...kinds, ...stranger]) {
        for (const program of fullPrograms)
            expect(await graphUnlessRefused(() => make(program, value)), program.what).toBeUndefined();
    }
    // Where there may be none of it, or one of several kinds.
    expect([...accepted]).toEqual([
        ...["files", "writable", "phpExtensions"].map((key) => `WebPool on hosts of its own: ${key}`),
        "LoadBalancerPair with a reserved IP: http.0.pinned",
        "LoadBalancerPair with an address of its own: http.0.pinned",
        "GaleraCluster: settings",
        ...["max_connections", "slow_query_log", "sql_mode"].map((key) => `GaleraCluster: settings.${key}`),
        "ReplicatedMySQL: settings",
        ...["max_connections", "slow_query_log"].map((key) => `ReplicatedMySQL: settings.${key}`),
        "Database: reads",
        "FileSync from one host: exclude",
        "FileSync of all hosts: exclude",
    ]);
});
