import { expect, test } from "vitest";
import { groupsOf, type HostReleases, hostsOfGroup, targetOf } from "../../../src/cli/rollback.ts";

const host = (name: string, current: string | null, releases: string[]): HostReleases => ({
    host: name,
    current,
    releases,
});
const refusal = (hosts: HostReleases[], to?: string) => {
    try {
        return targetOf("shop", hosts, to);
    } catch (error) {
        return (error as Error).message;
    }
};

test("the release before the one that is served, and before that one after a rollback", () => {
    const releases = ["one", "two", "three"];
    expect(targetOf("shop", [host("a", "three", releases), host("b", "three", releases)])).toBe("two");
    expect(targetOf("shop", [host("a", "two", releases)])).toBe("one");
});

test("any that all hosts have, by its name", () => {
    const hosts = [host("a", "three", ["one", "three"]), host("b", "one", ["one", "two"])];
    expect(targetOf("shop", hosts, "one")).toBe("one");
    expect(refusal(hosts, "three")).toBe("b has one, two, and not three\nNothing was changed.");
});

test("nothing is guessed where hosts differ, or where there is nothing before", () => {
    expect(refusal([host("a", "two", ["one", "two"]), host("b", "one", ["one", "two"])])).toBe(
        "Hosts of shop serve different releases, a two and b one: say which it is to be, with --to.",
    );
    expect(refusal([host("a", "one", ["one", "two"])])).toBe(
        "shop has no release before one: its hosts have one, two.",
    );
});

test("of a pool of groups one may be named, and is when they serve different releases", () => {
    const groups = [
        { name: "canaries", hosts: ["b", "a"] },
        { name: "rest", hosts: ["c"] },
    ];
    const type = "evenkeel:index:WebPool";
    const resources = ["web", "shop"].map((name) => ({
        urn: `urn:pulumi:test::shop::${type}::${name}`,
        type,
        inputs: name === "shop" ? { groups } : {},
    }));
    expect(groupsOf({ deployment: { resources } }, "shop")).toEqual(groups);
    expect(groupsOf({ deployment: { resources } }, "web")).toEqual([]);
    expect(groupsOf({ deployment: {} }, "web")).toEqual([]);

    const hosts = ["a", "b", "c"].map((name) => ({ name }));
    expect(hostsOfGroup("shop", hosts, groups, "canaries")).toEqual([{ name: "b" }, { name: "a" }]);
    expect(hostsOfGroup("shop", hosts, groups, undefined)).toEqual(hosts);
    expect(() => hostsOfGroup("shop", hosts, groups, "gone")).toThrow(
        'shop has no group "gone": there are canaries, rest.',
    );
    expect(() => hostsOfGroup("web", hosts, [], "gone")).toThrow('web has no group "gone": it has none.');

    const differing = [host("a", "two", ["one", "two"]), host("c", "one", ["one", "two"])];
    expect(() => targetOf("shop", differing, undefined, groups)).toThrow(
        "a two and c one: say which it is to be, with --to, or of which group, with --group (canaries, rest).",
    );
});
