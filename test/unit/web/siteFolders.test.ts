import {
    chmodSync,
    chownSync,
    existsSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/** Users that every Debian has, in place of a site's own. */
const [SITE, WWW_DATA, SYNC] = [1, 33, 2];
let root: string;
beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "evenkeel-site-"));
    chmodSync(root, 0o755);
    for (const [from, name] of [
        ["web", "site-folders"],
        ["hosts", "ownership.bash"],
    ] as const) {
        const text = readFileSync(`src/${from}/onhost/${name}`, "utf8");
        writeFileSync(join(root, name), text.replace("/var/lib/evenkeel/made", join(root, "made")), {
            mode: 0o755,
        });
    }
    settings({});
});
afterEach(() => rmSync(root, { recursive: true }));

const at = (path: string) => join(root, path);
const settings = ({ user = "daemon", writable = [at("www/up")] }) =>
    writeFileSync(at("shop.json"), JSON.stringify({ user, home: at("home"), pool: "/pool.conf", writable }));
async function run(verb: string): Promise<string> {
    const env = { SITES: root, ROLES: at("roles") };
    const done = await execa(at("site-folders"), ["shop", verb], { env, reject: false });
    if (done.exitCode !== 0) throw new Error(done.stderr);
    return done.stderr;
}
/** Mode, owner and group. */
const rights = (path: string) => {
    const { mode, uid, gid } = lstatSync(at(path));
    return [(mode & 0o7777).toString(8), uid, gid];
};
function file(path: string, owner: number, group = owner) {
    mkdirSync(join(at(path), ".."), { recursive: true });
    writeFileSync(at(path), "text");
    chownSync(at(path), owner, group);
}
/** As a role has it that has just given PHP to the site's user. */
const formerly = (user: string) => {
    mkdirSync(at("roles/shop-web/former"), { recursive: true });
    writeFileSync(at("roles/shop-web/former/pool.conf"), `[evenkeel-shop]\nuser = ${user}\n`);
};

describe("folders that PHP may write", () => {
    test("are its user's, and nginx reads them: no other site's user does", async () => {
        expect(await run("make")).toBe("");
        expect(rights("www/up")).toEqual(["2770", SITE, WWW_DATA]);
        expect(rights("www")).toEqual(["755", 0, 0]);
        expect(rights("home/sessions")).toEqual(["700", SITE, SITE]);
        expect(rights("home/tmp")).toEqual(["2700", SITE, WWW_DATA]);
    });

    test("stay when another role of the host goes, though nothing is in them", async () => {
        await run("make");
        mkdirSync(at("other/empty"), { recursive: true });
        mkdirSync(at("third"));
        writeFileSync(at("made"), [at("other"), at("other/empty"), at("third"), ""].join("\n"), {
            flag: "a",
        });
        const library = `. ${at("ownership.bash")}; WORK=$(mktemp -d)`;
        // Of a role that stays the folders of its former files go alone.
        await execa("bash", ["-c", `${library}; remove_made_folders ${at("other/empty/file")}`]);
        expect(["other", "third", "www/up"].map((path) => existsSync(at(path)))).toEqual([false, true, true]);
        await execa("bash", ["-c", `${library}; remove_made_folders`]);
        expect(["third", "www/up"].map((path) => existsSync(at(path)))).toEqual([false, true]);
    });

    test("that PHP has written so far as another user go over with all that is in them, and what a link leads to does not", async () => {
        file("www/up/2026/a.jpg", WWW_DATA);
        file("www/up/b.jpg", WWW_DATA);
        file("elsewhere", 0);
        symlinkSync(at("elsewhere"), at("www/up/link"));
        for (const folder of ["www/up", "www/up/2026"]) chownSync(at(folder), WWW_DATA, WWW_DATA);
        await run("make");
        expect(rights("www/up/2026")).toEqual(["2775", SITE, WWW_DATA]);
        for (const path of ["www/up/2026/a.jpg", "www/up/b.jpg"])
            expect(rights(path).slice(1)).toEqual([SITE, WWW_DATA]);
        expect(rights("elsewhere")).toEqual(["644", 0, 0]);
    });

    test("get what the former user has written while PHP changed over", async () => {
        formerly("www-data");
        await run("make");
        file("www/up/late.jpg", WWW_DATA);
        file("www/up/admins", 0);
        await run("settle");
        expect(rights("www/up/late.jpg")[1]).toBe(SITE);
        expect(rights("www/up/admins")[1]).toBe(0);
    });

    test("of a file sync stay its own, and its group is who writes", async () => {
        file("www/up/.evenkeel-sync", SYNC, WWW_DATA);
        file("www/up/a.jpg", SYNC, WWW_DATA);
        chownSync(at("www/up"), SYNC, WWW_DATA);
        chmodSync(at("www/up"), 0o2775);
        await run("make");
        expect(rights("www/up")).toEqual(["2775", SYNC, SITE]);
        expect(rights("www/up/a.jpg").slice(1)).toEqual([SYNC, SITE]);
    });

    test("that are links are refused", async () => {
        mkdirSync(at("www"));
        symlinkSync("/etc", at("www/up"));
        await expect(run("make")).rejects.toThrow(
            `${at("www/up")} is a link: give the folder that it leads to`,
        );
    });

    test("are so no longer when they leave the list", async () => {
        await run("make");
        file("www/up/a.jpg", SITE);
        settings({ writable: [at("www/other")] });
        await run("make");
        expect(rights("www/up")[0]).toBe("2750");
        expect(rights("www/other")[0]).toBe("2770");
    });

    test("keep what is in them when the site leaves, and are gone when there is nothing", async () => {
        settings({ writable: [at("www/up"), at("www/none")] });
        await run("make");
        file("www/up/a.jpg", SITE);
        await run("leave");
        expect(readFileSync(at("www/up/a.jpg"), "utf8")).toBe("text");
        expect(existsSync(at("www/none"))).toBe(false);
    });
});

test("sessions of another user's time are the site's", async () => {
    await run("make");
    file("home/sessions/sess_a", SITE);
    settings({ user: "bin" });
    await run("make");
    expect(rights("home/sessions/sess_a")[1]).toBe(SYNC);
});
