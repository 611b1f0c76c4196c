import { expect, test } from "vitest";
import { excludePattern, type group, interval, secondsOf, syncPath } from "../../../src/sync/checks.ts";

const said = (check: typeof group, values: unknown[]) =>
    values.filter((value) => check("at", value).length > 0);

test("folders of applications, as people have them", () => {
    const paths = [
        ...[
            "/srv",
            "/srv/www",
            "/var/www",
            "/var/www/html/wp-content/uploads",
            "/opt/shop",
            "/usr/share/nginx/html",
        ],
        ...["/data", "/var/lib/wordpress", "/mnt/volume-fra1/uploads", "/usr/local/www", "/runner"],
    ];
    expect(said(syncPath, paths)).toEqual([]);
});

test("patterns that rsync, lsyncd and unison read alike", () => {
    const patterns = [
        "*.tmp",
        ".git",
        "cache",
        "/cache",
        "/wp-content/cache",
        "*~",
        "img-????.part",
        "a b",
        "é*",
        "-x",
    ];
    expect(said(excludePattern, patterns)).toEqual([]);
});

test("patterns that they read differently, or not as patterns", () => {
    const patterns = [
        ...["", " ", "/", "a/b", "a/", "/a/", "//a", "[ab]", "{a,b}", "a\\*", '"a"', "**", "/a/**", "a**b"],
        ...[
            "- a",
            "+ a",
            "! a",
            "!",
            "#a",
            ";a",
            " a",
            "a ",
            "a\nb",
            "a\0",
            "..",
            "/../a",
            "/a/./b",
            "a\u2028",
            "\ud800",
        ],
        "x".repeat(201),
    ];
    expect(said(excludePattern, patterns)).toEqual(patterns);
});

test("intervals", () => {
    expect(["5s", "90s", "1min", "2h", "24h"].map(secondsOf)).toEqual([5, 90, 60, 7200, 86_400]);
    const wrong = ["", "4s", "0min", "25h", "1 min", "1m", "60", "1.5min", "-1min", "1min ", "1e3s"];
    expect(said(interval, wrong)).toEqual(wrong);
    expect(said(interval, ["5s", "24h"])).toEqual([]);
});
