import { afterEach, beforeEach, expect, test } from "vitest";
import { NAME, type SyncHost, syncHost, WELL } from "../../support/syncHost.ts";

let host: SyncHost;
beforeEach(() => {
    host = syncHost({ hosts: ["web-0", "web-1", "web-2"] });
    host.answers("web-1", WELL);
    host.answers("web-2", { ...WELL, host: "web-2", arrived: 2000 });
});
afterEach(() => host[Symbol.dispose]());

const begin = () => host.push(["--begin"]);
const fetched = () => host.calls().filter((call) => /^rsync .*'web-\d:\.\/' '\/tree\/'$/.test(call));
const began = () => JSON.parse(host.read(`state/${NAME}/began`)) as unknown;

test("a source that was made anew takes the tree from the target to which something came last, and keeps what it has", async () => {
    expect(await begin()).toMatchObject({ exitCode: 0 });
    expect(fetched()).toHaveLength(1);
    expect(fetched()[0]).toMatch(/'--ignore-existing' .*'web-2:\.\/'/);
    expect(began()).toEqual({ unasked: [] });
    expect(host.read("tree/.evenkeel-sync")).toBe("");
});

test("a source does not begin without a tree that is somewhere", async () => {
    host.rsync("exit 12");
    expect(await begin()).toMatchObject({ exitCode: 1 });
    expect(fetched()).toHaveLength(2);
    expect(() => host.read("tree/.evenkeel-sync")).toThrow();
});

test("a source begins with its own tree where no target has one", async () => {
    for (const name of ["web-1", "web-2"]) host.answers(name, { ...WELL, complete: false });
    expect(await begin()).toMatchObject({ exitCode: 0 });
    expect(fetched()).toEqual([]);
});

test("a source asks a target later that was down, before it deletes anything there", async () => {
    host.answers("web-1", { ...WELL, complete: false });
    host.answers("web-2", null);
    await begin();
    expect(began()).toEqual({ unasked: ["web-2"] });
    host.answers("web-2", WELL);
    expect(await host.push(["--whole", "web-2"])).toMatchObject({ exitCode: 0 });
    expect(fetched()).toHaveLength(1);
    expect(began()).toEqual({ unasked: [] });
});

test("a source begins once, whatever becomes of the marker", async () => {
    await begin();
    host.remove("tree/.evenkeel-sync");
    const before = host.calls().length;
    await begin();
    expect(host.calls()).toHaveLength(before);
    expect(() => host.read("tree/.evenkeel-sync")).toThrow();
});
