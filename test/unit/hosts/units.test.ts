import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { daemon, daemonSettings } from "../../../src/hosts/units.ts";
import { roleTexts, wordsAfter } from "../../support/roleTexts.ts";

test("a daemon's settings and its service", () => {
    expect(daemon("nginx", "reload", { openFiles: 65_536 })).toMatchInlineSnapshot(`
      "
      dropin nginx <<'EOF'
      [Unit]
      StartLimitIntervalSec=0

      [Service]
      Restart=always
      RestartSec=1
      OOMPolicy=continue
      LimitNOFILE=65536:524288
      EOF
      service nginx reload"
    `);
});

test("what somebody else starts, and what a program of ours is held to", () => {
    expect(daemonSettings({ restarts: "no", more: "[Service]\nNice=5\n" })).toMatchInlineSnapshot(`
      "[Unit]
      StartLimitIntervalSec=0

      [Service]
      Restart=no
      OOMPolicy=continue

      [Service]
      Nice=5
      "
    `);
    const sandbox = daemonSettings({ sandbox: { writes: ["/run"], capabilities: ["KILL", "SETUID"] } });
    expect(sandbox).toContain("CapabilityBoundingSet=CAP_KILL CAP_SETUID\n");
    expect(sandbox).toContain("ReadWritePaths=/run\n");
});

/** They do their work once, or are systemd's own. */
const NO_DAEMONS = [
    /\.(socket|timer)$/,
    /^nftables$/,
    /^systemd-(journald|sysctl)$/,
    /^evenkeel-\w+-restart$/,
    /^evenkeel-sync-tree@/,
    /^evenkeel-site@/,
];

test("every daemon that a role configures comes back by itself", () => {
    const daemons = new Set(
        wordsAfter("service").filter((unit) => !NO_DAEMONS.some((each) => each.test(unit))),
    );
    expect([...daemons].sort()).toMatchInlineSnapshot(`
      [
        "apache2",
        "corosync",
        "evenkeel-arbitrator",
        "evenkeel-cluster@lb",
        "evenkeel-endpoint@blog",
        "evenkeel-endpoint@shop",
        "evenkeel-galera",
        "evenkeel-gate",
        "evenkeel-load-agent",
        "evenkeel-names@blog",
        "evenkeel-nginx-health@lb",
        "evenkeel-nginx@lb",
        "evenkeel-replicated",
        "evenkeel-sync-media",
        "evenkeel-sync-media-mount",
        "evenkeel-sync-pages",
        "evenkeel-sync-uploads",
        "evenkeel-vrrp-link@lb",
        "evenkeel-watch@lb",
        "garb",
        "glusterd",
        "haproxy",
        "keepalived",
        "memcached",
        "nginx",
        "pacemaker",
        "php8.2-fpm",
        "ssh",
        "systemd-timesyncd",
      ]
    `);
    expect([...daemons].filter((unit) => !wordsAfter("dropin").includes(unit))).toEqual([]);
});

test("when a unit starts again is said in one place", () => {
    const units = globSync("src/*/onhost/*.{service,conf}");
    expect(units.length).toBeGreaterThan(10);
    expect(
        units.filter((path) =>
            /^(Restart|RestartSec|StartLimit\w+|OOMPolicy)=/m.test(readFileSync(path, "utf8")),
        ),
    ).toEqual([]);
});

test("no role flushes what it has not made", () => {
    for (const text of roleTexts) expect(text).not.toContain("flush ruleset");
});
