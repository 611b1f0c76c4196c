import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test } from "vitest";
import { graphUnlessRefused, make, places } from "../support/oddArguments.ts";
import { at, fullPrograms, withValue } from "../support/programs.ts";

afterEach(async () => pulumi.runtime.disconnect());

/** Of another kind than the one that belongs there. */
const kinds = [
    null,
    7,
    -1,
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "x",
    "",
    [],
    ["x"],
    {},
    { x: 1 },
    true,
    false,
];
const stranger = [
    () => 1,
    Symbol("x"),
    10n,
    new Date(0),
    new Map(),
    pulumi.output("x"),
    Promise.resolve("x"),
];

/** Sound numbers and texts are the other test's, and what inputs hold is known later. */
const isOfItsKind = (value: unknown, place: unknown) =>
    typeof value === typeof place &&
    typeof value !== "object" &&
    !Object.is(value, Number.NaN) &&
    value !== Number.POSITIVE_INFINITY;
const isLate = (value: unknown) => pulumi.Output.isInstance(value) || value instanceof Promise;

test("a value of another kind is one error, wherever it stands, and never one of JavaScript's own", {
    timeout: 300_000,
}, async () => {
    const accepted = new Set<string>();
    for (const [program, path] of places) {
        for (const value of [...kinds, ...stranger]) {
            if (isOfItsKind(value, at(program.args, path)) || isLate(value)) continue;
            const graph = await graphUnlessRefused(() => make(program, withValue(program.args, path, value)));
            if (graph) accepted.add(`${program.what}: ${path.join(".")}`);
        }
    }
    for (const value of [...kinds, ...stranger]) {
        for (const program of fullPrograms)
            expect(await graphUnlessRefused(() => make(program, value)), program.what).toBeUndefined();
    }
    // Where there may be none of it, or one of several kinds.
    expect([...accepted]).toEqual([
        "WebPool on hosts of its own: files",
        ...["writable", "phpExtensions"].map((key) => `WebPool on hosts of its own: ${key}`),
        "WebPool on hosts of its own: phpSettings",
        ...["date.timezone", "max_input_vars", "display_errors"].map(
            (key) => `WebPool on hosts of its own: phpSettings.${key}`,
        ),
        "WebPool of releases: pageCache.unlessCookies",
        ...["groups.0.files", "groups.0.phpSettings", "groups.0.phpSettings.precision", "gate"].map(
            (path) => `WebPool of groups: ${path}`,
        ),
        ...[
            "http",
            "http.0.pinned",
            "http.0.weights",
            "http.0.routes",
            "http.0.routes.0.hostNames",
            "http.0.routes.0.pinned",
            "tcp",
        ].map((path) => `LoadBalancerPair with a reserved IP: ${path}`),
        ...["http", "tcp"].map((path) => `LoadBalancerPair with nginx: ${path}`),
        "GaleraCluster: settings",
        ...["max_connections", "slow_query_log", "sql_mode"].map((key) => `GaleraCluster: settings.${key}`),
        "ReplicatedMySQL: settings",
        ...["max_connections", "slow_query_log"].map((key) => `ReplicatedMySQL: settings.${key}`),
        "Database: reads",
        ...["environment", "secrets", "database.password", "setup", "jobs.0.command"].map(
            (key) => `WebApp: ${key}`,
        ),
        "WordPress: objectCache",
        "FileSync from one host: exclude",
        "FileSync of all hosts: exclude",
    ]);
});
