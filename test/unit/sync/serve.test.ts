import { afterEach, beforeEach, expect, test } from "vitest";
import { NAME, type SyncHost, syncHost } from "../../support/syncHost.ts";

interface Hello {
    arrived: number | null;
    received: { status: number; said: string };
}

let host: SyncHost;
beforeEach(() => {
    host = syncHost({ host: "web-1" });
    host.write("tree/.evenkeel-sync");
});
afterEach(() => host[Symbol.dispose]());

const PUSH = "rsync --server -ltpre.iLsfxCIvu --delete-delay . ./";
const PULL = "rsync --server --sender -ltpre.iLsfxCIvu . ./";
const hello = async () => JSON.parse((await host.serve("hello\n")).stdout) as Hello;

test("hello tells of the tree", async () => {
    expect(await hello()).toMatchObject({
        ...{ host: "web-1", marker: true, empty: true, complete: false, arrived: null },
        received: { status: 0, skipped: 0, said: "" },
    });
    host.write("tree/a/b/c");
    host.write(`state/${NAME}/complete`);
    expect(await hello()).toMatchObject({ empty: false, complete: true });
    host.remove("tree/.evenkeel-sync");
    expect(await hello()).toMatchObject({ marker: false });
});

test("folders alone are no files, a link is one", async () => {
    host.write("tree/a/b/c");
    host.remove("tree/a/b/c");
    expect(await hello()).toMatchObject({ empty: true });
});

test("rsync may write the tree and nothing else, and its end is noted", async () => {
    expect(await host.serve(`${PUSH}\n`)).toMatchObject({ exitCode: 0 });
    expect(host.calls()).toEqual([`rrsync -wo -no-lock /tree | ${PUSH}`]);
    expect((await hello()).arrived).toBeCloseTo(Date.now() / 1000, -2);
});

test("what rsync would have deleted, and its last words, are for the source", async () => {
    host.rsync('echo "Deletions stopped due to --max-delete limit (70 skipped)" >&2; exit 25');
    expect((await host.serve(`${PUSH}\n`)).exitCode).toBe(25);
    expect((await hello()).received).toEqual({ status: 25, skipped: 70, said: "" });
    host.rsync(`echo 'rsync: [receiver] write failed on "/proc/self/fd/3/a": No space left on device (28)' >&2
        echo 'rsync error: error in file IO (code 11)' >&2; exit 11`);
    await host.serve(`${PUSH}\n`);
    const received = (await hello()).received;
    expect(received.status).toBe(11);
    expect(received.said).toMatch(/write failed on ".*\/tree\/a": No space left on device/);
});

test("without the marker nothing is written", async () => {
    host.remove("tree/.evenkeel-sync");
    const { exitCode, stderr } = await host.serve(`${PUSH}\n`);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/\/tree on web-1 has no \.evenkeel-sync/);
    expect(host.calls()).toEqual([]);
});

test("a source that has lost its tree may read one that is whole", async () => {
    expect(await host.serve(`${PULL}\n`)).toMatchObject({ exitCode: 1 });
    await host.serve("complete\n");
    expect(await host.serve(`${PULL}\n`)).toMatchObject({ exitCode: 0 });
    expect(host.calls()).toEqual([`rrsync -ro /tree | ${PULL}`]);
});

test("a run that hangs gives way to the next one", async () => {
    host.rsync("echo >$ROOT/hangs; exec sleep 60");
    const hanging = host.serve(`${PUSH}\n`);
    // It has read what it is to do by then.
    await expect.poll(() => host.has("hangs")).toBe(true);
    host.rsync("exit 0");
    expect(await host.serve(`${PUSH}\n`)).toMatchObject({ exitCode: 0 });
    expect((await hanging).exitCode).not.toBe(0);
});

test("other commands are refused", async () => {
    const commands = [
        ...["sh", "rsync --daemon", "unison -server", "hello there", "rsync", ""],
        ...["unison -server -socket 1", "complete; id", "x".repeat(70_000)],
    ];
    for (const command of commands) {
        expect([command, (await host.serve(`${command}\n`)).exitCode]).toEqual([command, 1]);
    }
    expect((await host.serve("hello")).stderr).toContain("ended before there was a command");
    expect(host.calls()).toEqual([]);
});
