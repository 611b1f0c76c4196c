import {
    existsSync,
    lstatSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    readlinkSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ContentHost, type ContentRole, contentHost, filesOf } from "../../support/contentHost.ts";

let host: ContentHost;
let role: ContentRole;
let base: string;
beforeEach(async () => {
    host = await contentHost();
    role = host.role("shop-content");
    base = join(host.root, "shop");
});
afterEach(() => host[Symbol.asyncDispose]());

const long = (line: string) => `${line}\n`.repeat(10_000);
const release = (texts: Record<string, string>, { keep = 2, shared = [] as string[] } = {}) =>
    filesOf({ folder: base, reader: "daemon", releases: { keep, shared } }, texts);
const version = (number: number) => release({ "index.php": `${number}\n`, "style.css": long("style") });
const served = () => readFileSync(join(base, "current/index.php"), "utf8").trim();

/** So many versions, one after the other. */
async function bring(...numbers: number[]): Promise<string[]> {
    const names: string[] = [];
    for (const number of numbers) {
        const files = await version(number);
        await role.bring(files);
        names.push(files.release!);
    }
    return names;
}

describe("a release", () => {
    test("is there as a whole before it is served, and is switched to by one name", async () => {
        const [one] = await bring(1);
        const two = await version(2);
        // What is as it was does not travel.
        expect((await role.deliver(two.delivery)).files).toBe(0);
        expect(await role.arrive(two)).toBe("probe-0: shop-content: 2 new files");
        expect([served(), readlinkSync(join(base, "current"))]).toEqual(["1", `releases/${one}`]);
        expect(await role.publish(two.id)).toBe(`probe-0: shop-content: release ${two.release}`);
        expect([served(), readlinkSync(join(base, "current"))]).toEqual(["2", `releases/${two.release}`]);
        // For who cannot see where the link leads.
        expect(readFileSync(join(base, "current/.evenkeel-release"), "utf8")).toBe(
            join(base, "releases", two.release!),
        );
        expect(await role.release()).toBe(`${two.release}; kept: ${one}`);
    });

    test("is called by what is in it, wherever it comes from", async () => {
        const [one, two] = [await version(1), await version(2)];
        expect(one.release).toMatch(/^[0-9a-f]{12}$/);
        expect((await version(1)).release).toBe(one.release);
        expect(two.release).not.toBe(one.release);
        const shared = await release({ "index.php": "1\n" }, { shared: ["uploads"] });
        expect(shared.release).not.toBe((await release({ "index.php": "1\n" })).release);
    });

    test("is kept while it is among the newest, and no longer", async () => {
        const [one, two, three] = await bring(1, 2, 3);
        expect(await role.releases()).toEqual({ current: three, releases: [two, three] });
        expect(readdirSync(join(base, "releases")).sort()).toEqual([two, three].sort());
        expect(await role.releases()).not.toContain(one);
        // A former program is a release again.
        const [again] = await bring(1);
        expect(again).toBe(one);
        expect(await role.releases()).toEqual({ current: one, releases: [three, one] });
    });

    test("has what is written in common with the others", async () => {
        const one = await release({ "index.php": "1\n" }, { shared: ["wp/uploads"] });
        await role.bring(one);
        writeFileSync(join(base, "shared/wp/uploads/picture"), "mine");
        const two = await release({ "index.php": "2\n" }, { shared: ["wp/uploads"] });
        await role.bring(two);
        expect(readFileSync(join(base, "current/wp/uploads/picture"), "utf8")).toBe("mine");
        await role.leave();
        expect(existsSync(join(base, "current"))).toBe(false);
        expect(existsSync(join(base, "releases"))).toBe(false);
        expect(readFileSync(join(base, "shared/wp/uploads/picture"), "utf8")).toBe("mine");
    });

    test("that was cut off while it came is finished by the next try", async () => {
        await bring(1);
        const two = await version(2);
        mkdirSync(join(base, "releases", two.release!));
        writeFileSync(join(base, "releases", two.release!, "index.php"), "2\n");
        await role.bring(two);
        expect(served()).toBe("2");
    });

    test("does not take the place of what somebody else has made", async () => {
        mkdirSync(join(base, "current"), { recursive: true });
        await expect(role.bring(await version(1))).rejects.toThrow(
            `${base}/current is there already, and is not evenkeel's: move it away; nothing was changed`,
        );
    });
});

describe("a rollback", () => {
    test("serves the former one, and what was published stays that: the same program changes nothing", async () => {
        const [one, two] = await bring(1, 2);
        expect(await role.rollback(one!)).toBe(`probe-0: shop-content: release ${one}, before ${two}`);
        expect(served()).toBe("1");
        expect(await role.release()).toBe(`${one}, rolled back from ${two}; kept: ${two}`);
        // Whatever makes the engine ask again.
        const again = await version(2);
        await role.bring(again);
        expect(served()).toBe("1");
    });

    test("is over with the next release, before which is what was served, and that is never removed", async () => {
        const [one] = await bring(1, 2);
        await role.rollback(one!);
        const [three] = await bring(3);
        expect(served()).toBe("3");
        expect((await role.releases()).releases).toEqual([one, three]);
        await role.rollback(one!);
        const four = await version(4);
        await role.deliver(four.delivery);
        await role.arrive(four);
        // This host is not told yet; another one may be.
        expect(served()).toBe("1");
    });

    test("to what is not there is refused", async () => {
        await bring(1);
        await expect(role.rollback("0123456789ab")).rejects.toThrow(
            "there is no release 0123456789ab on this host",
        );
    });

    test("with which the host is not well is taken back, with the reason", async () => {
        const [one, two] = await bring(1, 2);
        mkdirSync(join(host.root, "roles/shop-web"));
        const check = `'grep -q 2 ${base}/current/index.php || { echo "no two" >&2; exit 1; }'`;
        writeFileSync(join(host.root, "roles/shop-web/health"), `nginx\\ answers bash -c ${check} \n`);
        await expect(role.rollback(one!)).rejects.toThrow(
            `not well with the release ${one}, so the former one is back: no two`,
        );
        expect(served()).toBe("2");
        expect((await role.releases()).current).toBe(two);
    });
});

test("a pool goes over to releases and back: the former way's files go once the new one's are served", async () => {
    const plain = await filesOf(host.documentRoot, { "index.php": "plain\n" });
    await role.bring(plain);
    const one = await version(1);
    await role.deliver(one.delivery);
    await role.arrive(one);
    await role.publish(one.id);
    expect(existsSync(join(host.documentRoot, "index.php"))).toBe(true);
    await role.tidy(one.id);
    expect(existsSync(join(host.documentRoot, "index.php"))).toBe(false);
    await role.bring(plain);
    expect(readFileSync(join(host.documentRoot, "index.php"), "utf8")).toBe("plain\n");
    expect(existsSync(base)).toBe(false);
});

describe("a secret, when another user is to run PHP", () => {
    const secret = (reader: string | undefined) =>
        filesOf({ folder: host.documentRoot, reader }, { "config.php": pulumi.secret("1234") as never });
    const rights = () => {
        const { mode, uid, gid } = lstatSync(join(host.documentRoot, "config.php"));
        return [(mode & 0o777).toString(8), uid, gid];
    };
    const [daemon, wwwData] = [1, 33];

    test("is read by both until PHP has changed over, and then by the new one alone", async () => {
        await role.bring(await secret(undefined));
        expect(rights()).toEqual(["640", 0, wwwData]);
        const after = await secret("daemon");
        await role.deliver(after.delivery);
        await role.arrive(after);
        expect(rights()).toEqual(["640", 0, wwwData]);
        for (let i = 0; i < 2; i++) {
            await role.publish(after.id);
            expect(rights()).toEqual(["440", wwwData, daemon]);
        }
        await role.tidy(after.id);
        expect(rights()).toEqual(["640", 0, daemon]);
        // And nothing is to be done about it any more.
        expect(await role.publish(after.id)).toBe("");
    });

    test("of a user that is not there is refused, and nothing is changed", async () => {
        await role.bring(await secret(undefined));
        const after = await secret("nobody-has-this-name");
        await role.deliver(after.delivery);
        await role.arrive(after);
        await expect(role.publish(after.id)).rejects.toThrow("there is no user nobody-has-this-name to read");
        expect(rights()).toEqual(["640", 0, wwwData]);
    });
});

test("code belongs to root, whoever runs it", async () => {
    await bring(1);
    const { mode, uid } = statSync(join(base, "current/index.php"));
    expect([(mode & 0o777).toString(8), uid]).toEqual(["644", 0]);
});
