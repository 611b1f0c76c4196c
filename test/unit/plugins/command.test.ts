import { expect, test, vi } from "vitest";
import { command } from "../../../local/plugins/command/provider.ts";
import type { Resource } from "../../../local/plugins/kit/resource.ts";
import { type Props, revealAll, secret, UNKNOWN } from "../../../local/plugins/kit/values.ts";
import { check, recordedState, testCall } from "../../support/plugins.ts";
import { keyPair, portOfNobody, type SshServer, sshServer } from "../../support/sshServer.ts";

const remote = command.resources["command:remote:Command"] as Resource;
const local = command.resources["command:local:Command"] as Resource;
const { privateKey } = keyPair();

function connection(server: SshServer, overrides: Props = {}): Props {
    return { host: "127.0.0.1", port: server.port, privateKey, hostKey: server.hostKey, ...overrides };
}

function inputs(server: SshServer, overrides: Props = {}): Props {
    return check(remote, {
        connection: connection(server),
        create: "echo one",
        addPreviousOutputInEnv: false,
        ...overrides,
    });
}

function says(stdout: string, stderr = "", status: number | string = 0): Parameters<typeof sshServer>[0] {
    return {
        run: (_execution, channel) => {
            channel.write(stdout);
            channel.stderr.write(stderr);
            return status;
        },
    };
}

test("Check fills in what the official plugin fills in, and marks secrets as it does, for the proxy too", () => {
    const { inputs } = remote.check({
        name: "role",
        olds: {},
        seed: new Uint8Array(),
        news: {
            connection: {
                host: "h",
                privateKey: "k",
                proxy: { host: "p", port: 2222, password: "p", privateKeyPassword: "q" },
            },
            create: "true",
        },
    });
    const defaults = { user: "root", dialErrorLimit: 10, perDialTimeout: 15 };
    const proxy = {
        ...defaults,
        host: "p",
        port: 2222,
        password: secret("p"),
        privateKeyPassword: secret("q"),
    };
    expect(inputs).toEqual({
        create: "true",
        connection: secret({ ...defaults, host: "h", port: 22, privateKey: secret("k"), proxy }),
    });
});

test("what is recorded of a command has the marks of Check, whatever it was recorded by", async () => {
    await using server = await sshServer();
    const given = inputs(server);
    const { connection } = remote.check({
        name: "role",
        olds: {},
        seed: new Uint8Array(),
        news: given,
    }).inputs;
    const { id, outputs } = await remote.create(given, testCall());
    const state = revealAll(outputs);
    expect(outputs.connection).toEqual(connection);
    expect(await remote.update?.(id, state, given, testCall())).toMatchObject({ connection });
    expect(await remote.read?.(id, state, given, testCall())).toMatchObject({
        inputs: { connection },
        outputs: { connection },
    });
});

test("a command gets its stdin, gives its output without the last line's end, and its connection is closed", async () => {
    await using server = await sshServer(says("one\ntwo\n", "warn\n"));
    const call = testCall("role");
    const { id, outputs } = await remote.create(inputs(server, { stdin: "secret" }), call);
    const [recorded] = recordedState("state-command.json");
    expect(id).toMatch(/^role[0-9a-f]{8}$/);
    expect(recorded?.id).toMatch(/^role[0-9a-f]{8}$/);
    expect(Object.keys(outputs).sort()).toEqual([
        "addPreviousOutputInEnv",
        "connection",
        "create",
        "stderr",
        "stdin",
        "stdout",
    ]);
    expect(outputs).toMatchObject({ stdout: "one\ntwo", stderr: "warn" });
    expect(server.executions).toEqual([{ command: "echo one", stdin: "secret", variables: {} }]);
    expect(call.shown.sort()).toEqual(["one", "two", "warn"]);
    await vi.waitFor(() => expect(server.open()).toBe(0));
});

test.each([
    ["stdout", ["out"]],
    ["stderr", ["err"]],
    ["none", []],
    ["stdoutAndStderr", ["err", "out"]],
])("logging %s shows only that", async (logging, shown) => {
    await using server = await sshServer(says("out\n", "err\n"));
    const call = testCall();
    const { outputs } = await remote.create(inputs(server, { logging }), call);
    expect(call.shown.sort()).toEqual(shown);
    expect(outputs).toMatchObject({ stdout: "out", stderr: "err" });
});

test("a failing command's error is its status, the whole command and what it printed", async () => {
    await using server = await sshServer(says("", "broken\n", 7));
    const failed = remote.create(inputs(server, { create: 'echo "x"\nexit 7' }), testCall());
    await expect(failed).rejects.toThrow(
        'Process exited with status 7: running "echo \\"x\\"\\nexit 7":\nbroken\n',
    );
});

test("a killed command's error tells the signal", async () => {
    await using server = await sshServer(says("", "", "KILL"));
    await expect(remote.create(inputs(server), testCall())).rejects.toThrow(
        /^Process exited with status 137 from signal KILL: running/,
    );
});

test("an update runs `update`, or else `create`; a delete runs `delete`; none of them, none", async () => {
    await using server = await sshServer();
    const base = inputs(server, { update: "update it", delete: "delete it" });
    await remote.update?.("id", base, base, testCall());
    await remote.update?.("id", base, inputs(server), testCall());
    await remote.delete?.("id", base, testCall());
    await remote.delete?.("id", inputs(server), testCall());
    expect(server.executions.map((execution) => execution.command)).toEqual([
        "update it",
        "echo one",
        "delete it",
    ]);
});

test("a host with another key is refused, and nothing is run on it", async () => {
    await using server = await sshServer();
    const other = connection(server, { hostKey: keyPair().publicKey, dialErrorLimit: 1 });
    const failed = remote.create(inputs(server, { connection: other }), testCall());
    await expect(failed).rejects.toThrow(
        "after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch",
    );
    expect(server.connections).toBe(2);
    expect(server.executions).toEqual([]);
});

test("a host key that cannot be read is an error at once", async () => {
    await using server = await sshServer();
    const bad = connection(server, { hostKey: "ssh-ed25519 nonsense" });
    const failed = remote.create(inputs(server, { connection: bad }), testCall());
    await expect(failed).rejects.toThrow(/^failed to parse host key: /);
    expect(server.connections).toBe(0);
});

test("dialling is tried again after every kind of error, and says so", async () => {
    await using server = await sshServer();
    const call = testCall();
    const { privateKey: _, ...wrong } = connection(server, { password: "wrong", dialErrorLimit: 2 });
    const refused = remote.create(inputs(server, { connection: wrong }), call);
    await expect(refused).rejects.toThrow(
        "after 2 failed attempts: ssh: handshake failed: ssh: unable to authenticate, attempted methods [none password], no supported methods remain",
    );
    expect(call.shown).toEqual(["Dial 1/2 failed: retrying", "Dial 2/2 failed: retrying"]);

    const port = portOfNobody();
    const gone = remote.create(
        inputs(server, { connection: connection(server, { port, dialErrorLimit: 0 }) }),
        testCall(),
    );
    await expect(gone).rejects.toThrow(
        `after 0 failed attempts: dial tcp 127.0.0.1:${port}: connect: connection refused`,
    );
});

test("a host that comes up late is reached", async () => {
    const early = await sshServer({ port: portOfNobody() });
    await early[Symbol.asyncDispose]();
    const call = testCall();
    const late = connection(early, { dialErrorLimit: -1 });
    delete late.hostKey;
    const pending = remote.create(inputs(early, { connection: late }), call);
    await vi.waitFor(() => expect(call.shown).toContain("Dial 2/inf failed: retrying"));
    await using server = await sshServer({ port: early.port });
    await pending;
    expect(server.executions).toHaveLength(1);
});

test("a host behind a proxy is reached through it", async () => {
    await using server = await sshServer();
    await using proxy = await sshServer();
    const call = testCall();
    const through = connection(server, { proxy: connection(proxy) });
    await remote.create(inputs(server, { connection: through }), call);
    expect(server.executions).toHaveLength(1);
    expect(proxy.executions).toHaveLength(0);
    await vi.waitFor(() => expect(server.open() + proxy.open()).toBe(0));
});

test("variables reach the command, and a server that refuses them fails it before it runs", async () => {
    await using server = await sshServer();
    await remote.create(inputs(server, { environment: { FOO: "bar" } }), testCall());
    expect(server.executions[0]?.variables).toEqual({ FOO: "bar" });

    await using strict = await sshServer({ acceptsVariables: false });
    const call = testCall();
    const failed = remote.create(inputs(strict, { environment: { FOO: "bar" } }), call);
    await expect(failed).rejects.toThrow('could not set environment variable "FOO": ssh: setenv failed');
    expect(call.logged[0]).toMatch(/^error: Unable to set 'FOO'\. This only works if/);
    expect(strict.executions).toEqual([]);
});

test("the former output is offered to the next run, and a refusal of it is only a warning", async () => {
    await using strict = await sshServer({ acceptsVariables: false });
    const call = testCall();
    const news = inputs(strict, { addPreviousOutputInEnv: true });
    await remote.update?.("id", { ...news, stdout: "before" }, news, call);
    expect(call.logged[0]).toMatch(/^warning: Unable to set 'PULUMI_COMMAND_STDOUT'/);
    expect(strict.executions).toHaveLength(1);
});

test("a preview tells outputs only where nothing changed", () => {
    const news = check(remote, { create: "a", connection: { host: "h" } });
    expect(revealAll(remote.preview(news))).toEqual({ ...news, stdout: UNKNOWN, stderr: UNKNOWN });
    const olds = { ...news, stdout: "one", stderr: "" };
    expect(revealAll(remote.preview(news, olds))).toEqual(olds);
    expect(remote.preview({ ...news, create: "b" }, olds)).toMatchObject({
        stdout: UNKNOWN,
        stderr: UNKNOWN,
    });
});

const before = { create: "a", stdin: "s", connection: { host: "h", dialErrorLimit: 10 }, triggers: ["1"] };
test.each([
    ["nothing", before, {}],
    ["create", { ...before, create: "b" }, { create: "update" }],
    ["stdin", { ...before, stdin: "t" }, { stdin: "update" }],
    ["connection", { ...before, connection: { host: "h", dialErrorLimit: 60 } }, { connection: "update" }],
    ["logging", { ...before, logging: "none" }, { logging: "add" }],
    ["environment", { ...before, environment: { A: "1" } }, { environment: "add" }],
    [
        "a trigger, which the SDK makes a replacement",
        { ...before, triggers: ["2"] },
        { "triggers[0]": "update" },
    ],
    [
        "all triggers",
        { create: "a", stdin: "s", connection: before.connection },
        { triggers: "delete-replace" },
    ],
])("a change of %s", (_what, news, details) => {
    expect(remote.diff({ olds: {}, oldInputs: before, news }).details).toEqual(details);
});

test("local commands", async () => {
    const news = check(local, { create: "cat; echo $X >&2", stdin: "in", environment: { X: "y" } });
    const { outputs } = await local.create(news, testCall());
    expect(outputs).toEqual({ ...news, stdout: "in", stderr: "y" });
    const failed = local.create(check(local, { create: "echo no; exit 3" }), testCall());
    await expect(failed).rejects.toThrow('exit status 3: running "echo no; exit 3":\nno\n');
});
