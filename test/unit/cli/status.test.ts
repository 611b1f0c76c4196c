import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { State } from "../../../src/cli/stack.ts";
import { deployedHosts } from "../../../src/cli/status/deployed.ts";
import type { HostStatus } from "../../../src/cli/status/hostStatus.ts";
import { retireText, roleText } from "../../../src/hosts/roleText.ts";
import { commandLine } from "../../support/commandLine.ts";
import { roleStatus, sha256, status, unit } from "../../support/hostStatus.ts";
import { keyPair, type SshServer, sshServer } from "../../support/sshServer.ts";

// Each call is a process of its own, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const { privateKey } = keyPair();
let folder: string;
let server: SshServer;
let says: string | undefined;

beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "evenkeel-status-"));
    says = JSON.stringify(status());
    server = await sshServer({
        run: (_, channel) => {
            if (says === undefined) return undefined;
            channel.write(says);
            return 0;
        },
    });
});
afterEach(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
});

/** As the engine shows a secret of a state. */
const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(value),
});

const text = (role: string, host: string) => roleText(role, host, ["file /etc/x <<'EOF'\nrole no one\nEOF"]);

/** A role on a host, as a state has it. */
const command = (role: string, host: string, connection: Record<string, unknown> = {}, more = {}) => ({
    urn: `urn:pulumi:test::shop::command:remote:Command::${host}-${role}`,
    type: "command:remote:Command",
    inputs: {
        create: text(role, host),
        delete: retireText(role, host),
        stdin: secret("host web-0 10.0.0.1\nend\n"),
        // The whole is a secret, and so is the key in it.
        connection: secret({
            host: "127.0.0.1",
            port: server.port,
            user: "root",
            privateKey: secret(privateKey),
            hostKey: server.hostKey,
            ...connection,
        }),
    },
    ...more,
});
const state = (...resources: unknown[]) => ({ version: 3, deployment: { resources } }) as State;

const run = (printed: unknown, ...args: string[]) => commandLine(folder, ["status", ...args], printed);
const answer = (host: HostStatus) => {
    says = JSON.stringify(host);
};
const web = (name = "web-web") => roleStatus({ name, text: sha256(text(name, "web-0")) });

describe("the hosts of a stack", () => {
    test("are in its state, whatever the program exports: each once, with its roles", () => {
        const own = { type: "command:remote:Command", inputs: { create: "role model here", connection: {} } };
        const found = deployedHosts(
            state(
                { type: "pulumi:pulumi:Stack" },
                command("web-install", "web-10"),
                command("web-web", "web-2"),
                command("web-web", "web-10"),
                command("old-web", "web-9", {}, { delete: true }),
                own,
            ),
        );
        expect(found.map(({ name }) => name)).toEqual(["web-2", "web-10"]);
        expect(found[1]!.roles).toEqual({
            "web-install": sha256(text("web-install", "web-10")),
            "web-web": sha256(text("web-web", "web-10")),
        });
        expect(found[1]!.connection).toMatchObject({
            host: "127.0.0.1",
            privateKey,
            hostKey: server.hostKey,
        });
    });

    test("the stack is chosen by --stack and -C, also of a folder that is not there", async () => {
        await run(state(command("web-web", "web-0")), "--stack", "prod", "-C", folder);
        expect(readFileSync(join(folder, "arguments"), "utf8")).toBe(
            "stack export --show-secrets --non-interactive --stack prod\n",
        );
        const { exitCode, stderr } = await run(state(), "-C", join(folder, "nowhere"));
        expect(stderr).toContain("there is no folder");
        expect(exitCode).toBe(1);
    });

    test("a stack without any is an error", async () => {
        const { exitCode, stderr } = await run(state());
        expect(stderr).toBe("The stack has no hosts: was it deployed?");
        expect(exitCode).toBe(1);
    });
});

describe("what is told", () => {
    test("tables of hosts, roles and reports; all is well, and the exit code is 0", async () => {
        answer(
            status({
                certificates: [{ path: "/etc/x.pem", ends: status().now + 3650 * 86_400 }],
                roles: [
                    web(),
                    {
                        ...web("lb-balancer"),
                        reports: [{ what: "address", says: "203.0.113.9 is with web-0", good: true }],
                        units: [unit("haproxy.service"), unit("keepalived.service", { runs: false })],
                    },
                ],
            }),
        );
        const both = state(command("web-web", "web-0"), command("lb-balancer", "web-0"));
        const { exitCode, stdout } = await run(both);
        expect(stdout).toMatchInlineSnapshot(`
          "host   state  up      disk free     memory free    certificates
          web-0  well   3 days  20 GB (80 %)  512 MB (50 %)  3650 days

          host   role         since (UTC)       units   files  runs
          web-0  web-web      2026-11-28 06:40  1 of 1  4      nginx 1.2-3
          web-0  lb-balancer  2026-11-28 06:40  1 of 1  4      haproxy 1.2-3, keepalived 1.2-3

          role         reports                             as told by
          lb-balancer  address  203.0.113.9 is with web-0  web-0"
        `);
        expect(exitCode).toBe(0);
    });

    test("what hosts say alike is one line, and what differs one for each", async () => {
        const reports = [{ what: "writes", says: "db-0 takes them", good: true }];
        answer(status({ roles: [{ ...web(), reports }] }));
        const { stdout } = await run(state(command("web-web", "web-0"), command("web-web", "web-1")));
        expect(stdout).toMatch(/^web-web +writes +db-0 takes them +web-0, web-1$/m);
    });

    test("what is not well is told by host, and the exit code is 2; a restart that waits is no problem", async () => {
        answer(
            status({
                roles: [{ ...web(), edited: ["/etc/nginx/nginx.conf"] }],
                restarts: { reboot: ["kernel 2 is installed, 1 runs"], units: ["nginx.service"] },
            }),
        );
        const { exitCode, stdout } = await run(state(command("web-web", "web-0")));
        expect(stdout).toMatch(/^web-0 +1 problem /m);
        expect(stdout).toMatch(/^web-0 +web-web .* 1 edited /m);
        expect(stdout).toContain("not well:\n  web-0: /etc/nginx/nginx.conf is not as web-web has it");
        expect(stdout).toContain(
            "to know:\n  web-0: waits for a reboot: kernel 2 is installed, 1 runs\n  web-0: nginx.service waits for a restart",
        );
        expect(exitCode).toBe(2);
        answer(
            status({ roles: [web()], restarts: { reboot: ["kernel 2 is installed, 1 runs"], units: [] } }),
        );
        expect((await run(state(command("web-web", "web-0")))).exitCode).toBe(0);
    });

    test("as JSON, without what is secret", async () => {
        answer(status({ roles: [web()] }));
        const { stdout } = await run(
            state(command("web-web", "web-0"), command("web-web", "web-1", { port: 1 })),
            "--json",
        );
        const { well, hosts } = JSON.parse(stdout);
        expect(well).toBe(false);
        expect(hosts[0]).toMatchObject({ name: "web-0", address: "127.0.0.1", answers: true, problems: [] });
        expect(hosts[0].roles[0].name).toBe("web-web");
        expect(hosts[1]).toMatchObject({ name: "web-1", answers: false });
        expect(hosts[1].problems[0]).toContain("cannot be reached");
        expect(stdout).not.toContain("PRIVATE KEY");
    });
});

describe("a host that does not answer is a line", () => {
    test("one that is off, one that shows another key, one whose key nobody knows; the others are told", async () => {
        answer(status({ roles: [web()] }));
        const { exitCode, stdout, stderr } = await run(
            state(
                command("web-web", "web-0"),
                command("web-web", "web-1", { port: 1 }),
                command("web-web", "web-2", { hostKey: keyPair().publicKey }),
                command("web-web", "web-3", { hostKey: undefined }),
                command("web-web", "web-4", { privateKey: "none" }),
            ),
        );
        expect(stderr).toBe("");
        expect(stdout).toMatch(/^web-0 +well /m);
        for (const name of ["web-1", "web-2", "web-3", "web-4"])
            expect(stdout).toMatch(new RegExp(`^${name} +does not answer$`, "m"));
        expect(stdout).toMatch(/^ {2}web-1 \(127.0.0.1\) cannot be reached: /m);
        expect(stdout).toContain("web-2 (127.0.0.1) cannot be reached: it shows another host key");
        expect(stdout).toContain("web-3: the stack knows no host key of it, so it was not asked");
        expect(server.executions.map((each) => each.command)).toEqual([
            "/usr/local/lib/evenkeel/host-status",
        ]);
        expect(exitCode).toBe(2);
    });

    test("silent ones cost the given time, and all at once", async () => {
        const open = new Set<Socket>();
        let most = 0;
        const silent = createServer((socket) => {
            most = Math.max(most, open.add(socket).size);
            socket.on("error", () => {}).on("close", () => open.delete(socket));
        }).listen(0, "127.0.0.1");
        await new Promise((resolve) => silent.once("listening", resolve));
        const { port } = silent.address() as { port: number };
        try {
            const names = ["web-0", "web-1", "web-2"];
            const { exitCode, stdout } = await run(
                state(...names.map((name) => command("web-web", name, { port }))),
                "--timeout",
                "2",
            );
            for (const name of names) expect(stdout).toMatch(new RegExp(`^${name} +does not answer$`, "m"));
            expect(most).toBe(3);
            expect(exitCode).toBe(2);
        } finally {
            silent.close();
        }
    });

    test("so does one that lets us in and then says nothing more", async () => {
        says = undefined;
        const { exitCode, stdout } = await run(state(command("web-web", "web-0")), "--timeout", "2");
        expect(stdout).toContain("web-0 has given no answer within 2 s");
        expect(exitCode).toBe(2);
    });

    test("one that has an older library says so", async () => {
        await server[Symbol.asyncDispose]();
        server = await sshServer({ run: () => 127 });
        const { exitCode, stdout } = await run(state(command("web-web", "web-0")));
        expect(stdout).toContain("web-0 has no host-status: a `pulumi up` of this version brings it");
        expect(exitCode).toBe(2);
    });
});
