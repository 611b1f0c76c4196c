import { execa } from "execa";
import { expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";

async function python<Result>(expression: string, ...values: unknown[]): Promise<Result> {
    const program = `
import json, sys
sys.path.insert(0, "src/database/onhost")
import database_names as names
v = json.load(sys.stdin)
print(json.dumps(${expression}))`;
    return JSON.parse((await execa(PYTHON, ["-B", "-c", program], { input: JSON.stringify(values) })).stdout);
}

type Status = [name: string, status: string, backup?: 0 | 1, check?: string];

function stats(write: Status[], read: Status[]): string {
    const rows = (proxy: string, servers: Status[]) =>
        servers.map(
            ([name, status, backup = 0, check = "L7OK"]) =>
                `${proxy},${name},${status},${backup},"${check}",\n`,
        );
    return [
        "# pxname,svname,status,bck,check_status,\n",
        "read,FRONTEND,OPEN,,,\n",
        ...rows("write", write),
        ...rows("read", read),
    ].join("");
}

function found(write: Status[], read: Status[], readsFromWriter = false) {
    const members = { a: "10.0.0.1", b: "10.0.0.2", c: "10.0.0.3" };
    const config = { writer: "db-rw", readers: "db-ro", readsFromWriter, members };
    return python<Record<string, string[]> | null>("names.records(*v)", stats(write, read), config);
}

const primary = (name: string): Status[] =>
    ["a", "b", "c"].map((each, i) => [each, each === name ? "UP" : "DOWN", i > 0 ? 1 : 0]);

test("the writer is one member, the readers are all that are up", async () => {
    const readers: Status[] = [
        ["a", "DOWN"],
        ["b", "UP"],
        ["c", "UP 2/3"],
    ];
    expect(await found(primary("a"), readers)).toEqual({
        "db-rw": ["10.0.0.1"],
        "db-ro": ["10.0.0.2", "10.0.0.3"],
    });
    expect(await found(primary("c"), readers)).toMatchObject({ "db-rw": ["10.0.0.3"] });
});

test.each<[string, Status[], string[]]>([
    [
        "two that may be: the first, as HAProxy has it",
        [
            ["a", "UP"],
            ["b", "UP", 1],
            ["c", "UP", 1],
        ],
        ["10.0.0.1"],
    ],
    [
        "the first is draining",
        [
            ["a", "NOLB"],
            ["b", "UP", 1],
            ["c", "UP", 1],
        ],
        ["10.0.0.2"],
    ],
    [
        "nobody",
        [
            ["a", "DOWN"],
            ["b", "DOWN 1/2", 1],
            ["c", "MAINT", 1],
        ],
        [],
    ],
])("the writer: %s", async (_, write, expected) => {
    expect(await found(write, [["b", "UP"]])).toMatchObject({ "db-rw": expected });
});

test("while HAProxy has not looked at every member, nothing is known", async () => {
    expect(await found([...primary("a"), ["b", "UP", 0, "INI"]], [["b", "UP"]])).toBe(null);
    expect(await found([], [])).toBe(null);
});

test("preferred readers, the others while there is none, and the writer first where that is wished", async () => {
    const preferring = (status: string): Status[] => [
        ["b", status],
        ["a", "UP", 1],
        ["c", "UP", 1],
    ];
    expect(await found(primary("a"), preferring("UP"))).toMatchObject({ "db-ro": ["10.0.0.2"] });
    expect(await found(primary("a"), preferring("DOWN"))).toMatchObject({
        "db-ro": ["10.0.0.1", "10.0.0.3"],
    });
    expect(await found(primary("a"), [["b", "UP"]], true)).toMatchObject({ "db-ro": ["10.0.0.1"] });
    expect(await found(primary("nobody"), [["b", "UP"]], true)).toMatchObject({ "db-ro": ["10.0.0.2"] });
});

const OURS = "127.53.1.2";
const lead = (text: string) => python<string>("names.with_server(*v)", text, OURS);
const withdraw = (text: string) => python<string>("names.without_server(*v)", text, OURS);

test.each([
    ["a plain file", "search a.b\nnameserver 9.9.9.9\nnameserver 1.1.1.1\noptions rotate\n"],
    ["systemd-resolved's", "# it says\n\nnameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n"],
    ["one without an end of line", "nameserver 9.9.9.9"],
    ["one with spaces", "  search  x\n\tnameserver\t9.9.9.9\n"],
])("%s gets our server before all others, once, and is as before without it", async (_, text) => {
    const led = await lead(text);
    expect(led.match(/^\s*nameserver\s+(\S+)/m)![1]).toBe(OURS);
    expect(led.split("\n").filter((line) => !line.includes(OURS))).toEqual(`${text.trimEnd()}\n`.split("\n"));
    expect(await lead(led)).toBe(led);
    expect(await withdraw(led)).toBe(text.endsWith("\n") ? text : `${text}\n`);
});

test("a file without servers names the one that resolvers ask then", async () => {
    const unsaid = "# A resolver that is told of no server asks this one.\nnameserver 127.0.0.1\n";
    for (const before of ["# none\n", ""]) {
        const led = await lead(before);
        expect(led).toBe(`${before}nameserver ${OURS}\n${unsaid}`);
        expect(await lead(led)).toBe(led);
        expect(await python("names.without_server(*v)", led, OURS)).toBe(before);
    }
});

test("a server of ours that somebody put behind another comes first again", async () => {
    expect(await lead(`nameserver 9.9.9.9\nnameserver ${OURS}\n`)).toBe(
        `nameserver ${OURS}\nnameserver 9.9.9.9\n`,
    );
});

test.each([
    ["search a.example b.example.\n", "web-0", ["a.example", "b.example"]],
    ["domain a\nsearch b\n", "web-0.c", ["b"]],
    ["nameserver 9.9.9.9\n", "web-0.example.com", ["example.com"]],
    ["search .\n", "web-0.example.com", []],
    ["", "web-0", []],
])("search domains of %j on %s are %j", async (text, host, domains) => {
    expect(await python("names.search_domains(*v)", text, host)).toEqual(domains);
});

test("in a search domain the names are ours, too", async () => {
    const text = await python("names.hosts_file(*v)", { "db-ro": ["10.0.0.2", "10.0.0.3"] }, ["example.com"]);
    expect(text).toBe(
        "10.0.0.2 db-ro\n10.0.0.3 db-ro\n10.0.0.2 db-ro.example.com\n10.0.0.3 db-ro.example.com\n",
    );
});
