import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { LEAST_PERCENT, loadAgentSteps } from "../../../src/balancer/loadAgent.ts";
import { within } from "../../../tools/waiting.ts";
import { PYTHON } from "../../support/python.ts";

const pressure = (avg10: number, avg60 = avg10) =>
    `some avg10=${avg10.toFixed(2)} avg60=${avg60.toFixed(2)} avg300=9.99 total=8036076691\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`;

/** A port that is free for the moment. */
async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
}

function ask(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
        let said = "";
        connect(port, "127.0.0.1")
            .on("data", (chunk) => {
                said += chunk;
            })
            .on("end", () => resolve(said))
            .on("error", reject);
    });
}

/** The agent of a host with these files of its kernel's, and how to write others. */
async function agentOf(files: Record<string, string>) {
    const root = mkdtempSync(join(tmpdir(), "evenkeel-load-"));
    const write = (path: string, text: string) => {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
    };
    for (const [path, text] of Object.entries({ "/proc/1/cgroup": "0::/init.scope\n", ...files }))
        write(path, text);
    const port = await freePort();
    const agent = execa(PYTHON, ["-B", "src/balancer/onhost/load-agent", "127.0.0.1", String(port)], {
        env: { ROOT: root },
        reject: false,
    });
    onTestFinished(async () => {
        agent.kill();
        await agent;
        rmSync(root, { recursive: true });
    });
    await within(10, "the agent to answer", () =>
        ask(port).then(
            () => true,
            () => false,
        ),
    );
    return { write, ask: () => ask(port) };
}

describe("what an agent says", () => {
    test("is less by the mean of the last ten seconds' and the last minute's pressure, and never nothing", async () => {
        const path = "/proc/pressure/cpu";
        const { write, ask } = await agentOf({ [path]: pressure(0) });
        expect(await ask()).toBe("100%\n");
        write(path, pressure(60, 20));
        expect(await ask()).toBe("60%\n");
        write(path, pressure(99.99));
        expect(await ask()).toBe(`${LEAST_PERCENT}%\n`);
        write(path, pressure(0, 30));
        expect(await ask()).toBe("85%\n");
    });

    test.each<[string, string, string]>([
        ["a host", "0::/init.scope\n", "/sys/fs/cgroup/cpu.pressure"],
        [
            "a container without a tree of its own",
            "4:memory:/box\n0::/box/init.scope\n",
            "/sys/fs/cgroup/unified/box/cpu.pressure",
        ],
        ["a host whose init is in no group", "0::/\n", "/sys/fs/cgroup/cpu.pressure"],
        ["an old kernel", "4:memory:/\n", "/proc/pressure/cpu"],
    ])("is of %s, and not of what it runs on", async (_, cgroup, path) => {
        const { ask } = await agentOf({
            "/proc/1/cgroup": cgroup,
            "/proc/pressure/cpu": pressure(90),
            [path]: pressure(40),
        });
        expect(await ask()).toBe("60%\n");
    });

    test("is everything where the kernel measures nothing", async () => {
        const { ask } = await agentOf({});
        expect(await ask()).toBe("100%\n");
    });

    test("comes to all who ask at once, and to the next when one has gone away", async () => {
        const { ask } = await agentOf({ "/proc/pressure/cpu": pressure(10) });
        expect(await Promise.all(Array.from({ length: 100 }, ask))).toEqual(Array(100).fill("90%\n"));
    });
});

test("a host's role: balancers come through its firewall, and all but that is the same for every pair", () => {
    const [one, other] = [
        ["lb-0", "web-0"],
        ["edge-0", "edge-1"],
    ].map((balancers) => loadAgentSteps("web-0", balancers));
    expect(one!.join("\n")).toMatchInlineSnapshot(`
      "
      firewall <<'EOF'
      ip saddr lb-0 tcp dport 8406 accept
      EOF

      common template /etc/evenkeel/load-agent.conf <<'EOF'
      ADDRESS={{address web-0}}
      PORT=8406
      EOF

      common file /etc/systemd/system/evenkeel-load-agent.service <<'EOF'
      [Unit]
      Description=Tells balancers how loaded this host is

      [Service]
      EnvironmentFile=/etc/evenkeel/load-agent.conf
      ExecStart=/usr/local/lib/evenkeel/load-agent \${ADDRESS} \${PORT}
      DynamicUser=yes
      MemoryMax=32M
      TasksMax=4

      [Install]
      WantedBy=multi-user.target
      EOF

      dropin evenkeel-load-agent <<'EOF'
      [Unit]
      StartLimitIntervalSec=0

      [Service]
      Restart=always
      RestartSec=1
      OOMPolicy=continue
      CapabilityBoundingSet=
      LockPersonality=yes
      NoNewPrivileges=yes
      PrivateDevices=yes
      PrivateTmp=yes
      ProtectClock=yes
      ProtectControlGroups=yes
      ProtectHome=yes
      ProtectHostname=yes
      ProtectKernelLogs=yes
      ProtectKernelModules=yes
      ProtectKernelTunables=yes
      ProtectSystem=strict
      RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
      RestrictNamespaces=yes
      RestrictRealtime=yes
      RestrictSUIDSGID=yes
      SystemCallArchitectures=native
      SystemCallErrorNumber=EPERM
      SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap
      EOF
      service evenkeel-load-agent restart
      healthy 'the load agent answers' bash -c 'exec 3<>/dev/tcp/web-0/8406 && read -r -t 2 share <&3 && [[ $share == *% ]] && echo "$share"'
      reports 'share by load' bash -c 'exec 3<>/dev/tcp/web-0/8406 && read -r -t 2 share <&3 && [[ $share == *% ]] && echo "$share"'"
    `);
    expect(one!.slice(1)).toEqual(other!.slice(1));
});
