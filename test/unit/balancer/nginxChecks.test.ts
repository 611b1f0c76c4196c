import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { certificate, certificateKey } from "../../support/certificate.ts";
import { PYTHON } from "../../support/python.ts";

async function python<Result>(expression: string, ...values: unknown[]): Promise<Result> {
    const program = `
import json, sys
sys.path.insert(0, "src/balancer/onhost")
import nginx_backend as backend, nginx_config as config
v = json.load(sys.stdin)
print(json.dumps(${expression}))`;
    return JSON.parse((await execa(PYTHON, ["-B", "-c", program], { input: JSON.stringify(values) })).stdout);
}

/** What becomes of a backend: of a check that is well (+) or not (-), of a request that was answered (o) or failed (x); a second each. */
async function becomes(happens: string, seconds = 1) {
    const program = `
import sys
sys.path.insert(0, "src/balancer/onhost")
from nginx_backend import Backend
backend, states = Backend(), []
for i, what in enumerate(sys.argv[1]):
    if what in "+-":
        backend.checked(what == "+", i * float(sys.argv[2]))
    else:
        backend.answered(500 if what == "x" else 200, i * float(sys.argv[2]))
    states.append(backend.state)
print(*states)`;
    return (await execa(PYTHON, ["-B", "-c", program, happens, String(seconds)])).stdout;
}

test("two checks that fail, and two that are well", async () => {
    expect(await becomes("+-+--+-++")).toBe("up up up up down down down down up");
});

test("who comes and goes has to be well for longer each time, and that is forgotten", async () => {
    const returns = (times: number, seconds: number) =>
        becomes(`--${"+".repeat(9)}`.repeat(times), seconds).then((states) =>
            states.match(/down( down| resting)* up/g)!.map((each) => each.split(" ").length - 1),
        );
    expect(await returns(3, 1)).toEqual([2, 4, 8]);
    expect(await returns(3, 100)).toEqual([2, 2, 2]);
    expect(await becomes("--++--+++-++--")).toBe(
        "up down down up up down down resting resting resting resting resting resting down",
    );
});

test("five errors in a row leave out, until two checks are well; a check that fails counts more", async () => {
    expect(await becomes("xxxxoxxxx+xo")).toBe("up ".repeat(10).concat("out out"));
    expect(await becomes("xxxxx+x+")).toBe("up up up up out out out up");
    expect(await becomes("xxxxx--")).toBe("up up up up out out down");
});

test("never are all of a pool left out for errors, and each pool is looked at alone", async () => {
    const marks = (states: Record<string, string>, pools: Record<string, string[]>) =>
        python("sorted(backend.marked(*v))", states, pools);
    const pools = { all: ["a", "b"], one: ["a"] };
    expect(await marks({ a: "out", b: "up" }, pools)).toEqual(["a in all"]);
    expect(await marks({ a: "out", b: "out" }, pools)).toEqual([]);
    expect(await marks({ a: "out", b: "down" }, pools)).toEqual(["b"]);
});

test("nobody rests where nobody else is left", async () => {
    const marks = (states: Record<string, string>) =>
        python("sorted(backend.marked(*v))", states, { all: ["a", "b", "c"], two: ["b", "c"] });
    expect(await marks({ a: "up", b: "resting", c: "up" })).toEqual(["b"]);
    expect(await marks({ a: "up", b: "resting", c: "down" })).toEqual(["c"]);
    expect(await marks({ a: "out", b: "resting", c: "down" })).toEqual(["a in all", "c"]);
    expect(await marks({ a: "down", b: "down", c: "down" })).toEqual(["a", "b", "c"]);
});

test("servers are marked by their checks, and the rest is as the role says", async () => {
    const text = `upstream all {
    server a:80 max_fails=0; # checked: a:80/up in all
    server b:80 weight=2 backup; # checked: b:80/up
    server c:80 max_fails=0 down;
}
server_name {{names /a.pem}};
return 200 "{{checksum}}";
`;
    const filled = await python<string>(
        'config.filled_in(v[0], set(v[1]), lambda path: [path, "x.example"])',
        text,
        ["a:80/up in all", "b:80/up"],
    );
    const mark = /"([0-9a-f]{16})"/.exec(filled)![1]!;
    expect(filled).toBe(
        text
            .replace("max_fails=0;", "max_fails=0 down;")
            .replace("backup;", "backup down;")
            .replace("{{names /a.pem}}", "/a.pem x.example")
            .replace("{{checksum}}", mark),
    );
    expect(await python("config.mark_of(v[0])", filled)).toBe(mark);
});

test("names of a certificate are read on the host, where it is", async () => {
    const folder = await mkdtemp(join(tmpdir(), "evenkeel-certificate-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "bundle.pem");
    await writeFile(path, `${certificate}${certificateKey}`);
    expect(await python("config.names_of(v[0])", path)).toEqual(["www.example.com", "example.com"]);
    await writeFile(path, "none");
    expect(await python("config.names_of(v[0])", path)).toEqual(["certificate-without-names.invalid"]);
});

/** A backend whose state can be changed. */
async function stub() {
    const answers = { status: 200 };
    const server = createServer((_, reply) => reply.writeHead(answers.status).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
        server.closeAllConnections();
        server.close();
    });
    const { port } = server.address() as AddressInfo;
    return { answers, port, stop: () => server.close() };
}

test("the daemon: who is down is in nginx's configuration, and back; ready while each listener has somebody", {
    timeout: 30_000,
}, async () => {
    const [a, b] = [await stub(), await stub()];
    const folder = await mkdtemp(join(tmpdir(), "evenkeel-nginx-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [etc, run] = [join(folder, "etc/lb"), join(folder, "evenkeel-nginx-lb")];
    await mkdir(etc, { recursive: true });
    await mkdir(run);
    const names = [a, b].map(({ port }) => `127.0.0.1:${port}/healthz`);
    const text = names
        .map((name) => `server ${name.split("/")[0]}; # checked: ${name} in lb-http-80\n`)
        .join("");
    await writeFile(join(etc, "nginx.conf"), text);
    await writeFile(join(run, "nginx.conf"), "");
    const check = (i: number, port: number) => [names[i], { host: "127.0.0.1", port, path: "/healthz" }];
    await writeFile(
        join(etc, "backends.json"),
        JSON.stringify({
            checks: Object.fromEntries([check(0, a.port), check(1, b.port)]),
            pools: { "lb-http-80": names },
            listeners: ["lb-http-80"],
            nonLocal: false,
            monitor: "127.0.0.1:9",
        }),
    );
    const watch = execa(PYTHON, ["-B", "src/balancer/onhost/nginx-balancer", "watch", "lb"], {
        env: { EVENKEEL_BALANCERS: join(folder, "etc"), EVENKEEL_RUN: folder },
        reject: false,
    });
    onTestFinished(async () => {
        watch.kill();
        await watch;
    });
    const states = async () =>
        (await readFile(join(run, "backends"), "utf8").catch(() => "")).match(/\w+$/gm)?.join(" ");
    const become = (wanted: string) => expect.poll(states, { timeout: 8000, interval: 50 }).toBe(wanted);
    const downs = async () => (await readFile(join(run, "nginx.conf"), "utf8")).match(/ down;/g)?.length ?? 0;

    await become("UP UP");
    expect(await downs()).toBe(0);
    await expect.poll(() => existsSync(join(run, "ready"))).toBe(true);
    a.answers.status = 503;
    await become("DOWN UP");
    await expect.poll(downs).toBe(1);
    expect(existsSync(join(run, "ready"))).toBe(true);
    b.stop();
    await become("DOWN DOWN");
    await expect.poll(() => existsSync(join(run, "ready"))).toBe(false);
    a.answers.status = 200;
    await become("UP DOWN");
    await expect.poll(() => existsSync(join(run, "ready"))).toBe(true);
    await expect.poll(downs).toBe(1);
});
