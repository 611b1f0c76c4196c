import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestStack, testStack } from "../support/engine.ts";
import { keyPair, type SshServer, sshServer } from "../support/sshServer.ts";

/** Remote commands under the real engine: what the recordings say of the official plugin. */
let server: SshServer;
let stack: TestStack;
const { privateKey } = keyPair();

const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

interface Variant {
    create: string;
    stdin: string;
    trigger: string;
    dialErrorLimit: number;
    logging: string;
    hostKey: string;
}

const first: Omit<Variant, "hostKey"> = {
    create: "echo one\necho two",
    stdin: "password-1",
    trigger: "1",
    dialErrorLimit: 1,
    logging: "stdoutAndStderr",
};

function program(change: Partial<Variant>): string {
    const { create, stdin, trigger, dialErrorLimit, logging, hostKey } = {
        ...first,
        hostKey: server.hostKey,
        ...change,
    };
    return `
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

const role = new command.remote.Command("role", {
    connection: {
        host: "127.0.0.1", port: ${server.port}, privateKey: ${JSON.stringify(privateKey)},
        hostKey: ${JSON.stringify(hostKey)}, dialErrorLimit: ${dialErrorLimit},
    },
    create: ${JSON.stringify(create)},
    delete: "say goodbye",
    stdin: pulumi.secret(${JSON.stringify(stdin)}),
    triggers: [${JSON.stringify(trigger)}],
    logging: ${JSON.stringify(logging)},
    addPreviousOutputInEnv: false,
});
export const said = role.stdout;
`;
}

function change(variant: Partial<Variant>): void {
    writeFileSync(join(stack.folder, "index.ts"), program(variant));
}

/** What the preview says of the command, without the lines that are always there. */
async function previewed(variant: Partial<Variant>): Promise<string> {
    change(variant);
    const { exitCode, output } = await stack.preview("--diff");
    expect(exitCode, output).toBe(0);
    const [, block = ""] =
        /\n( {4}\S+ ?command:remote:Command[\s\S]*?)\n(?: {4}--outputs|Resources:)/.exec(output) ?? [];
    return block
        .split("\n")
        .filter((line) => !/\[(id|urn|provider)=/.test(line))
        .join("\n");
}

beforeAll(async () => {
    server = await sshServer({
        run: ({ command }, channel) => {
            channel.write(`ran ${command.split("\n").length} lines\n`);
            if (command.includes("fail")) channel.stderr.write("it broke\n");
            return command.includes("fail") ? 7 : 0;
        },
    });
    stack = await testStack({ files: { "index.ts": program({}) } });
});

afterAll(async () => {
    stack?.remove();
    await server?.[Symbol.asyncDispose]();
});

test("a preview connects to nothing, an update runs and shows what is said", async () => {
    const preview = await stack.preview();
    expect(preview.exitCode, preview.output).toBe(0);
    expect(server.connections).toBe(0);

    const up = await stack.up();
    expect(up.exitCode, up.output).toBe(0);
    expect(up.output).toMatch(/command:remote:Command role .*ran 2 lines/);
    expect(server.executions).toEqual([{ command: first.create, stdin: first.stdin, variables: {} }]);
    expect(await stack.outputs()).toEqual({ said: "ran 2 lines" });
    expect(up.output).not.toContain(first.stdin);
});

test("a second update, and a refresh, connect to nothing", async () => {
    const before = server.connections;
    for (const run of [await stack.up(), await stack.refresh(), await stack.preview("--expect-no-changes")])
        expect(run.exitCode, run.output).toBe(0);
    expect(server.connections).toBe(before);
});

test("state has every setting of the connection and secrets within it, so that the official plugin finds no change", async () => {
    const { output } = await stack.pulumi("stack", "export", "--show-secrets");
    const { resources } = JSON.parse(output.slice(output.indexOf("{"))).deployment;
    const role = resources.find(({ type }: { type: string }) => type === "command:remote:Command");
    // What the official plugin, 1.2.1, recorded of the same program.
    const connection = {
        dialErrorLimit: 1,
        host: "127.0.0.1",
        hostKey: server.hostKey,
        perDialTimeout: 15,
        port: server.port,
        privateKey: { ...SECRET, plaintext: JSON.stringify(privateKey) },
        user: "root",
    };
    for (const recorded of [role.inputs, role.outputs])
        expect(recorded.connection).toEqual({ ...SECRET, plaintext: JSON.stringify(connection) });
});

test.each([
    [
        "a text of several lines",
        { create: "echo one\necho three" },
        "      ~ create: \n            echo one\n          - echo two\n          + echo three",
    ],
    ["stdin", { stdin: "password-2" }, "      ~ stdin: [secret] => [secret]"],
    ["a connection's limit", { dialErrorLimit: 2 }, "      ~ connection: [secret] => [secret]"],
    ["logging", { logging: "none" }, '      ~ logging: "stdoutAndStderr" => "none"'],
])("a change of %s is previewed as an update", async (_what, variant, lines) => {
    expect(await previewed(variant)).toBe(`    ~ command:remote:Command: (update)\n${lines}`);
});

test("a change of a trigger is previewed as a replacement: the new one runs, then the old one's delete", async () => {
    const lines = [
        "    +-command:remote:Command: (replace)",
        "      ~ triggers: [",
        '          ~ [0]: "1" => "2"',
        "        ]",
    ];
    expect(await previewed({ trigger: "2" })).toBe(lines.join("\n"));
    server.executions.length = 0;
    const up = await stack.up();
    expect(up.exitCode, up.output).toBe(0);
    expect(server.executions.map(({ command }) => command)).toEqual([first.create, "say goodbye"]);
});

test("a change of stdin runs the command again", async () => {
    change({ trigger: "2", stdin: "password-2" });
    server.executions.length = 0;
    expect((await stack.up()).exitCode).toBe(0);
    expect(server.executions).toEqual([{ command: first.create, stdin: "password-2", variables: {} }]);
});

test("a failure tells the status, the command and what it said", async () => {
    change({ trigger: "2", create: "fail now" });
    const { exitCode, output } = await stack.up();
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(
        /error: Process exited with status 7: running "fail now":\n\s+ran 1 lines\n\s+it broke\n/,
    );
});

test("a host with another key is refused", async () => {
    change({ trigger: "2", hostKey: keyPair().publicKey });
    server.executions.length = 0;
    const { exitCode, output } = await stack.up();
    expect(exitCode).not.toBe(0);
    expect(output).toContain("error: after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch");
    expect(server.executions).toEqual([]);
});
