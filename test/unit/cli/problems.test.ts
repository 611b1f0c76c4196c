import { describe, expect, test } from "vitest";
import type { HostStatus, UnitStatus } from "../../../src/cli/status/hostStatus.ts";
import { isDown, problemsOf, remarksOf } from "../../../src/cli/status/problems.ts";
import { roleStatus, sha256, status, unit } from "../../support/hostStatus.ts";

const host = {
    name: "web-0",
    connection: { host: "10.0.0.1", privateKey: "", hostKey: "" },
    roles: { "web-web": sha256("") },
};
const problems = (more: Partial<HostStatus> = {}) => problemsOf({ host, status: status(more) });
const DAY = 86_400;
const { now } = status();

test("a host that is well has no problem", () => {
    expect(problems()).toEqual([]);
});

test.each<[string, Partial<HostStatus>, string[]]>([
    [
        "a stopped daemon",
        { roles: [roleStatus({ units: [unit("nginx.service", { active: "inactive" })] })] },
        ["nginx.service is inactive (web-web)"],
    ],
    [
        "a failed unit of a role is told once",
        {
            roles: [roleStatus({ units: [unit("nginx.service", { active: "failed" })] })],
            failed: ["nginx.service"],
        },
        ["nginx.service is failed (web-web)"],
    ],
    ["any other failed unit", { failed: ["cron.service"] }, ["cron.service has failed"]],
    [
        "an edited and a missing file; one that two roles have is told once",
        {
            roles: [
                roleStatus({ edited: ["/etc/nginx/nginx.conf"], missing: ["/srv/index.html"] }),
                roleStatus({ name: "shop-web", edited: ["/etc/nginx/nginx.conf"] }),
            ],
        },
        ["/etc/nginx/nginx.conf is not as web-web, shop-web has it", "/srv/index.html of web-web is missing"],
    ],
    ["a role that is gone", { roles: [] }, ["the role web-web is not there"]],
    [
        "a role that somebody else has applied",
        { roles: [roleStatus({ text: sha256("other") })] },
        ["the role web-web is another one than the stack has applied"],
    ],
    [
        "a change that was cut off",
        { roles: [roleStatus({ unfinished: true })] },
        ["the last change of web-web was cut off"],
    ],
    [
        "a report that is not good",
        { roles: [roleStatus({ reports: [{ what: "member", says: "not synced", good: false }] })] },
        ["member of web-web: not synced"],
    ],
    [
        "a certificate that ends soon, and one that has",
        {
            certificates: [
                { path: "/etc/soon.pem", ends: now + 13.5 * DAY },
                { path: "/etc/over.pem", ends: now - 1 },
                { path: "/etc/later.pem", ends: now + 14 * DAY },
            ],
        },
        ["/etc/soon.pem expires in 13 days", "/etc/over.pem has expired"],
    ],
    [
        "a full disk, and one that takes no more files",
        {
            disks: [
                { mount: "/", size: 1e9, free: 49e6, inodes: 100, freeInodes: 90 },
                { mount: "/srv", size: 1e9, free: 9e8, inodes: 100, freeInodes: 4 },
                // A file system without a number of them.
                { mount: "/data", size: 1e9, free: 5e7, inodes: 0, freeInodes: 0 },
            ],
        },
        ["only 49 MB of 1.0 GB are free on /", "/srv takes only 4 more files"],
    ],
    ["memory", { memory: { total: 1e9, free: 49e6 } }, ["only 49 MB of 1.0 GB of memory are free"]],
])("%s", (_, more, expected) => {
    expect(problems(more)).toEqual(expected);
});

describe("what is no problem", () => {
    test.each<[string, Partial<UnitStatus>]>([
        ["reloading", { active: "reloading" }],
        ["what only others start", { runs: false, active: "inactive" }],
        [
            "what did its work at the last up, after a boot",
            { type: "oneshot", file: "static", active: "inactive" },
        ],
        ["what has a condition that does not hold", { active: "inactive", unmet: true }],
        ["what is at its work", { type: "oneshot", active: "activating" }],
    ])("%s", (_, more) => expect(isDown(unit("x.service", more))).toBe(false));

    test.each<[string, Partial<UnitStatus>]>([
        ["a daemon that starts over and over", { active: "activating", sub: "auto-restart" }],
        ["a daemon that nobody has start at boot", { active: "inactive", file: "static" }],
        ["what others start, and has failed", { runs: false, active: "failed" }],
        ["work of the boot that was not done", { type: "oneshot", file: "enabled", active: "inactive" }],
    ])("but %s is", (_, more) => expect(isDown(unit("x.service", more))).toBe(true));

    test("restarts that wait, a role of another stack, and one that is being applied are told", () => {
        const more = {
            roles: [roleStatus(), roleStatus({ name: "other-web" })],
            restarts: { reboot: ["kernel 2 is installed, 1 runs"], units: ["nginx.service"] },
            busy: true,
        };
        expect(problems(more)).toEqual([]);
        expect(remarksOf({ host, status: status(more) })).toEqual([
            "waits for a reboot: kernel 2 is installed, 1 runs",
            "nginx.service waits for a restart: it runs what was upgraded since",
            "the role other-web is not of this stack",
            "a role is being applied now",
        ]);
    });
});
