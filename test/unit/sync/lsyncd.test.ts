import { expect, test } from "vitest";
import { lsyncdConfig } from "../../../src/sync/lsyncd.ts";
import type { SyncSettings } from "../../../src/sync/settings.ts";

const settings: SyncSettings = {
    ...{
        name: "site",
        mode: "oneWay",
        path: "/srv/www",
        source: "web-0",
        hosts: ["web-0", "web-1", "web-2"],
    },
    ...{ exclude: [], delay: 1, every: null, maxDelete: 1000, readOnly: false },
    ...{ conflicts: "newest", group: "www-data" },
};
const config = (changed: Partial<SyncSettings> = {}) =>
    lsyncdConfig({ ...settings, ...changed }, ["web-1", "web-2"]);

test("each target has a sync of its own, so that one that is down holds up no other", () => {
    expect(config()).toContain('for _, host in ipairs({ "web-1", "web-2" }) do');
    expect(config({ delay: 15 })).toContain(`        source = "/srv/www",
        target = host,
        delay = 15,`);
});

test("the marker stays where it is, and so does what is excluded", () => {
    expect(config()).toContain('exclude = { "/.evenkeel-sync" },');
    expect(config({ exclude: ["*.tmp", "/cache"] })).toContain(
        'exclude = { "/.evenkeel-sync", "*.tmp", "/cache" },',
    );
});

test("no text ends where it should not", () => {
    const odd = config({ path: '/srv/a "b\\c\n', exclude: ["é"] });
    expect(odd).toContain('source = "/srv/a \\034b\\092c\\010",');
    expect(odd).toContain('"\\195\\169"');
});

test("nothing that sync-push ends with ends lsyncd, and each failure has another run", () => {
    const text = config();
    expect(text.match(/return "[a-z]+"/g)).toEqual(['return "ok"']);
    expect(text).toContain("local AGAIN = { [75] = 5, [76] = 30 }");
    expect(text).toContain("later(target, AGAIN[code] or AGAIN[76])");
});
