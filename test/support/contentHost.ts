import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type * as pulumi from "@pulumi/pulumi";
import {
    type Content,
    contentOf,
    type Delivery,
    type Destination,
    type ShownText,
} from "../../src/content/content.ts";
import { type Delivered, deliver } from "../../src/content/deliver.ts";
import type { FolderFile } from "../../src/content/folder.ts";
import type { SshTarget } from "../../src/hosts/ssh.ts";
import { PYTHON } from "./python.ts";
import { keyPair, sshServer } from "./sshServer.ts";

/** What stands for a host's folders, so that its programs run here. */
export interface ContentHost extends AsyncDisposable {
    root: string;
    documentRoot: string;
    role(name: string): ContentRole;
    target: SshTarget;
    /** How many there were. */
    connections(): number;
}

export interface ContentRole {
    deliver(delivery: Delivery): Promise<Delivered>;
    /** Runs a step; rejects with what it complained of. */
    arrive(files: Files): Promise<string>;
    publish(id: string): Promise<string>;
    tidy(id: string): Promise<string>;
    leave(): Promise<string>;
    release(): Promise<string>;
    releases(): Promise<{ current: string | null; releases: string[] }>;
    rollback(release: string): Promise<string>;
    /** All three steps, on one host. */
    bring(files: Files): Promise<Delivered>;
}

/** Settled content. */
export interface Files {
    root: string;
    release: string | undefined;
    id: string;
    shown: ShownText[];
    delivery: Delivery;
}

/** What an output comes to. */
export const settled = <Value>(output: pulumi.Output<Value>): Promise<Value> =>
    new Promise((resolve) => {
        output.apply((value) => resolve(value as Value));
    });

export async function filesOf(
    place: string | Destination,
    files: Record<string, string>,
    folder: FolderFile[] = [],
): Promise<Files> {
    const destination = typeof place === "string" ? { folder: place } : place;
    const content: Content = contentOf(destination, folder, files);
    return {
        root: await settled(content.root),
        release: content.release && (await settled(content.release)),
        id: await settled(content.id),
        shown: await settled(content.shown),
        delivery: (await settled(content.delivery)) as Delivery,
    };
}

const RECEIVE = "/usr/local/lib/evenkeel/content receive ";

export async function contentHost(): Promise<ContentHost> {
    const root = mkdtempSync(join(tmpdir(), "evenkeel-content-"));
    const driver = join(root, "driver.py");
    writeFileSync(driver, DRIVER);
    const documentRoot = join(root, "www");
    const start = (args: string[]): ChildProcessWithoutNullStreams =>
        spawn(PYTHON, ["-B", driver, "src/content/onhost", root, ...args]);
    const server = await sshServer({
        // What else a host is asked to do, this one takes for done.
        start: (command) =>
            command.startsWith(RECEIVE)
                ? start(["receive", ...command.slice(RECEIVE.length).split(" ")])
                : spawn("sh", ["-c", "cat >/dev/null"]),
    });
    const target: SshTarget = {
        name: "probe-0",
        connection: {
            host: "127.0.0.1",
            port: server.port,
            privateKey: keyPair().privateKey,
            hostKey: server.hostKey,
        },
    };
    const steps = start([]);
    const answers = createInterface({ input: steps.stdout })[Symbol.asyncIterator]();
    const run = async (args: string[], input = ""): Promise<string> => {
        steps.stdin.write(`${JSON.stringify({ args, input })}\n`);
        const { code, stdout, stderr } = JSON.parse((await answers.next()).value ?? "");
        if (code !== 0) throw new Error(stderr);
        return stdout.trim();
    };
    return {
        root,
        documentRoot,
        target,
        connections: () => server.connections,
        role(name) {
            const step = (verb: string, id: string) => run([verb, name, "probe-0"], `${id}\n`);
            const self: ContentRole = {
                deliver: (delivery) => deliver(target, name, delivery),
                arrive({ id, shown, root: folder }) {
                    const texts = mkdtempSync(join(root, "texts-"));
                    for (const [i, { text }] of shown.entries()) writeFileSync(join(texts, String(i)), text);
                    return run(["arrive", name, "probe-0", folder, texts], `${id}\n`);
                },
                publish: (id) => step("publish", id),
                tidy: (id) => step("tidy", id),
                leave: () => step("leave", ""),
                release: () => step("release", ""),
                releases: async () => JSON.parse(await step("releases", "")),
                rollback: (release) => run(["rollback", name, "probe-0", release]),
                async bring(files) {
                    const delivered = await self.deliver(files.delivery);
                    await self.arrive(files);
                    await self.publish(files.id);
                    await self.tidy(files.id);
                    return delivered;
                },
            };
            return self;
        },
        async [Symbol.asyncDispose]() {
            steps.stdin.end();
            await server[Symbol.asyncDispose]();
            rmSync(root, { recursive: true });
        },
    };
}

/** The program with other folders, and without its waits; without a command it runs one after the other, as told in lines. */
const DRIVER = `
import os, sys
from pathlib import Path
programs, root = sys.argv[1], Path(sys.argv[2])
sys.path.insert(0, programs)
sys.argv = ["content", *sys.argv[3:]]
import io, json
import content_places, content_receive, content_steps, content_store
content_store.ROLES, content_store.RUN = root / "roles", root / "run"
content_places.MADE = root / "made"
content_steps.GRACE_S = 0
content_receive.flush = lambda folder: None
(root / "roles").mkdir(exist_ok=True)
program = compile(Path(programs, "content").read_text(), "content", "exec")
if sys.argv[1:]:
    exec(program)
out = sys.stdout
for line in sys.stdin if not sys.argv[1:] else []:
    asked, code = json.loads(line), 0
    content_steps.others.cache_clear()
    sys.argv, sys.stdin, sys.stdout, sys.stderr = ["content", *asked["args"]], io.StringIO(asked["input"]), io.StringIO(), io.StringIO()
    try:
        exec(program, {"__name__": "__main__"})
    except SystemExit as end:
        code = end.code
    print(json.dumps({"code": code, "stdout": sys.stdout.getvalue(), "stderr": sys.stderr.getvalue()}), file=out, flush=True)
`;
