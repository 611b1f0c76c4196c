import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PYTHON } from "../../support/python.ts";
import { NAME, type SyncHost, syncHost, WELL } from "../../support/syncHost.ts";

interface Run {
    ok: boolean;
    error: string | null;
    behind: number | null;
    held: number;
}

let host: SyncHost;
const fresh = (settings: Record<string, unknown> = {}) => {
    host = syncHost(settings);
    host.write("tree/.evenkeel-sync");
    host.write(`state/${NAME}/began`, '{"unasked": []}');
    host.answers("web-1", WELL);
};
beforeEach(() => fresh());
afterEach(() => host[Symbol.dispose]());

const whole = () => host.push(["--whole", "web-1"]);
const list = (changes: string) => host.push(["--list", "web-1"], changes);
const record = (target = "web-1") => JSON.parse(host.read(`state/${NAME}/runs/${target}.json`)) as Run;
const received = (skipped: number, said = "") => ({ ...WELL, received: { status: 0, skipped, said } });
const deletes = () => host.calls().flatMap((call) => call.match(/--max-delete=\d+/) ?? []);

describe("the whole tree", () => {
    test("goes with links as links, without what is excluded, and deletes nothing before it is counted", async () => {
        expect(await whole()).toMatchObject({ exitCode: 0 });
        const [hello, rsync] = host.calls();
        expect(hello).toBe("ssh web-1 hello");
        expect(rsync).toContain("'-rltpS' '--force' '--timeout=60'");
        expect(rsync).toContain("'--delete-delay' '--max-delete=0' '--chmod=ug+rwX,o-w,Dg+s'");
        expect(rsync).toContain("'--filter=- /.evenkeel-sync' '--filter=- *.tmp' '--filter=- /cache'");
        expect(rsync).toMatch(/'--' '\/tree\/' 'web-1:\.\/'$/);
        expect(record()).toMatchObject({ ok: true, error: null, behind: null, held: 0 });
    });

    test("of a target whose application may not write", async () => {
        fresh({ readOnly: true });
        await whole();
        expect(host.calls()[1]).toContain("'--chmod=u+rwX,g+rX,go-w,Dg+s'");
    });

    test("is told to a target that had none", async () => {
        host.answers("web-1", { ...WELL, complete: false });
        await whole();
        expect(host.calls().at(-1)).toBe("ssh web-1 complete");
    });

    test("deletes as many files as may go", async () => {
        host.answers("web-1", received(10));
        host.rsync(`[[ $PASS == 1 ]] || echo '${JSON.stringify(WELL)}' >$ROOT/answers/web-1`);
        expect(await whole()).toMatchObject({ exitCode: 0 });
        expect(deletes()).toEqual(["--max-delete=0", "--max-delete=10"]);
    });

    test("deletes none of more files than may go, says so, and goes on with all else", async () => {
        host.answers("web-1", received(11));
        expect(await whole()).toMatchObject({ exitCode: 76 });
        expect(deletes()).toEqual(["--max-delete=0"]);
        const error = "11 files would be deleted at web-1, more than maxDelete (10): none of them was";
        expect(record()).toMatchObject({ ok: false, error, held: 11, behind: null });
        expect(await list("+/a")).toMatchObject({ exitCode: 0 });
        // Until a run of the whole tree finds nothing of the kind.
        expect(record()).toMatchObject({ ok: false, error, held: 11 });
        host.answers("web-1", WELL);
        await whole();
        expect(record()).toMatchObject({ ok: true, held: 0 });
    });

    test("makes room on a full disk with what is to go", async () => {
        host.answers("web-1", received(0, "rsync: [receiver] write failed: No space left on device (28)"));
        host.rsync("[[ $* == *--existing* ]] || exit 12");
        expect(await whole()).toMatchObject({ exitCode: 76 });
        expect(host.calls().filter((call) => call.includes("'--existing' '--ignore-existing'"))).toHaveLength(
            1,
        );
        expect(record().error).toMatch(/^the disk of web-1 is full: .*No space left/);
    });

    test("files that went away meanwhile are no error, others are told", async () => {
        host.rsync("exit 24");
        expect(await whole()).toMatchObject({ exitCode: 0 });
        host.rsync(
            'echo "rsync: mkstemp failed: File name too long" >&2; echo "rsync error: some (code 23)" >&2; exit 23',
        );
        expect(await whole()).toMatchObject({ exitCode: 76 });
        expect(record()).toMatchObject({ error: "web-1: rsync: mkstemp failed: File name too long" });
        expect(record().behind).not.toBeNull();
    });

    test("goes to all targets beside each other, whichever is down", async () => {
        fresh({ hosts: ["web-0", "web-1", "web-2", "web-3"], mode: "periodic" });
        host.answers("web-3", { ...WELL, host: "web-3" });
        expect((await host.push(["--all"])).exitCode).toBe(75);
        expect(["web-1", "web-2", "web-3"].map((target) => record(target).ok)).toEqual([true, false, true]);
        expect(record("web-2").error).toBe(
            "web-2 is not reached: ssh: connect to host web-2: No route to host",
        );
    });
});

describe("without the marker", () => {
    test("of the source nothing goes anywhere", async () => {
        host.remove("tree/.evenkeel-sync");
        expect(await whole()).toMatchObject({ exitCode: 76 });
        expect(await host.push(["--begin"])).toMatchObject({ exitCode: 0 });
        expect(host.calls().filter((call) => call.startsWith("rsync"))).toEqual([]);
        expect(record().error).toMatch(/\/tree on web-0 has no \.evenkeel-sync: is it mounted/);
    });

    test("of a target nothing goes there", async () => {
        host.answers("web-1", { ...WELL, marker: false });
        expect(await whole()).toMatchObject({ exitCode: 76 });
        expect(host.calls()).toEqual(["ssh web-1 hello"]);
        expect(record().error).toMatch(/on web-1 has no marker/);
    });
});

describe("a list of changes", () => {
    test("goes alone, in one run", async () => {
        expect(await list("+/d/new\0-/gone\0~/d/")).toMatchObject({ exitCode: 0 });
        expect(host.calls()).toHaveLength(1);
        expect(host.calls()[0]).toContain("'--from0' '--include-from=-' '--filter=- *'");
        expect(host.lists()).toEqual(["/d /d/new /gone"]);
        expect(deletes()).toEqual(["--max-delete=10"]);
    });

    test("with a folder that is gone is counted first", async () => {
        host.answers("web-1", received(11));
        expect(await list("-/d/")).toMatchObject({ exitCode: 76 });
        expect(deletes()).toEqual(["--max-delete=0"]);
        expect(host.lists()).toEqual(["/d /d/***"]);
    });

    test("that did not arrive is replaced by the whole tree", async () => {
        host.answers("web-1", null);
        host.rsync("exit 255");
        expect(await list("+/a")).toMatchObject({ exitCode: 75 });
        const before = host.calls().length;
        expect(await list("+/b")).toMatchObject({ exitCode: 75 });
        expect(host.calls()).toHaveLength(before);
        host.answers("web-1", WELL);
        host.rsync("exit 0");
        await whole();
        expect(record()).toMatchObject({ ok: true, behind: null });
        expect(await list("+/c")).toMatchObject({ exitCode: 0 });
    });

    test("that was cut off is so too", async () => {
        host.rsync("kill -9 $PPID");
        await list("+/a");
        expect((await list("+/b")).exitCode).toBe(75);
    });
});

test("names are taken as they are", async () => {
    const names = ["*", "?", "[x]", "a\\b", "a\\*b", "#c", "- d", "é", "a\nb"];
    const program = `
import json, sys
sys.path[:0] = ["src/sync/onhost"]
from sync_rsync import rules_of
print(json.dumps([[rule.decode() for rule in rules_of(("+/" + name).encode())] for name in json.load(sys.stdin)]))`;
    const { stdout } = await execa(PYTHON, ["-B", "-c", program], {
        input: JSON.stringify([...names, "a\\/"]),
    });
    expect(JSON.parse(stdout)).toEqual([
        ...[["/\\*"], ["/\\?"], ["/\\[x]"], ["/a\\b"], ["/a\\\\\\*b"], ["/#c"], ["/- d"], ["/é"], ["/a\nb"]],
        ["/a\\", "/a\\\\/***"],
    ]);
});

describe("lsyncd that ended", () => {
    const ended = (result: string, status: string) =>
        host.push(["--ended"], "", { SERVICE_RESULT: result, EXIT_STATUS: status });

    test("for want of watches is told with what to raise, until something goes to a target again", async () => {
        host.write("max_user_watches", "3");
        for (const name of ["a", "b", "c"]) host.write(`tree/${name}/file`);
        await ended("exit-code", "255");
        const { stdout, exitCode } = await host.status("targets");
        expect(stdout).toMatch(
            /\/tree has 4 folders and 3 may be watched: raise fs\.inotify\.max_user_watches$/,
        );
        expect(exitCode).toBe(1);
        await whole();
        expect(await host.status("targets")).toMatchObject({ exitCode: 0, stdout: "web-1 0 s ago" });
    });

    test("for another reason is told with where that stands, and as it was told to with nothing", async () => {
        await whole();
        await ended("signal", "SEGV");
        expect((await host.status("targets")).stdout).toBe(
            `lsyncd ended with SEGV: journalctl -u evenkeel-sync-${NAME}`,
        );
        await ended("success", "TERM");
        expect(await host.status("targets")).toMatchObject({ exitCode: 0 });
    });
});
