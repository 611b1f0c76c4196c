import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";

let root: string;
beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "evenkeel-accounts-"));
    mkdirSync(join(root, "etc"));
    for (const file of ["passwd", "group", "login.defs"]) cpSync(`/etc/${file}`, join(root, "etc", file));
    for (const file of ["shadow", "gshadow"]) {
        writeFileSync(join(root, "etc", file), "");
        chmodSync(join(root, "etc", file), 0o600);
    }
});
afterEach(() => rmSync(root, { recursive: true }));

/** Runs verbs as a role of this name does, with users of a folder in place of this machine's. */
async function run(role: string, verbs: string): Promise<string> {
    const script = `set -uo pipefail
ROOT=${root} ROLE=${role} ROLES=${root}/roles
mkdir -p "$ROLES/$ROLE"
fail() { echo "refused: $*"; exit 0; }
for tool in useradd groupadd userdel; do eval "$tool() { command $tool --prefix $ROOT \\"\\$@\\"; }"; done
getent() { awk -F : -v key="$2" '$1 == key || $3 == key { print; found = 1 } END { exit !found }' "$ROOT/etc/$1"; }
. src/hosts/onhost/accounts.bash
${verbs}
refuse_foreign_accounts
lacks_accounts && make_accounts
accounts_so_far | sed '/^$/d' >"$WORK"
mv "$WORK" "$ROLES/$ROLE/accounts"
`;
    const { stdout, stderr } = await execa("bash", ["-c", script], { env: { WORK: join(root, "work") } });
    expect(stderr).toBe("");
    return stdout;
}
const line = (file: string, name: string) =>
    readFileSync(join(root, "etc", file), "utf8")
        .split("\n")
        .find((each) => each.startsWith(`${name}:`));
const recorded = (role: string) => readFileSync(join(root, "roles", role, "accounts"), "utf8").trim();

test("a daemon's user and its group have the number that they are to have, and no shell", async () => {
    expect(await run("shop-install", "account --number 23456 site-shop /home/x")).toBe("");
    expect(line("passwd", "site-shop")).toBe(
        "site-shop:x:23456:23456:evenkeel role shop-install:/home/x:/usr/sbin/nologin",
    );
    expect(line("group", "site-shop")).toBe("site-shop:x:23456:");
    // Again nothing is to be done.
    expect(await run("shop-install", "account --number 23456 site-shop /home/x")).toBe("");
});

test("where the number is taken, another one does", async () => {
    await run("shop-install", "account --number 33 site-shop /home/x");
    expect(line("passwd", "site-shop")).toMatch(/^site-shop:x:(?!33:)\d+:\d+:evenkeel role shop-install:/);
});

test("a user that somebody has made is used, and does not go with the role; another role's is refused", async () => {
    expect(await run("shop-install", "account --number 23456 daemon /home/x")).toBe("");
    expect(recorded("shop-install")).toBe("");
    await run("blog-install", "account --number 23456 site-shop /home/x");
    expect(await run("shop-install", "account --number 23456 site-shop /home/x")).toBe(
        "refused: the user site-shop is there already, and is not this role's; nothing was changed",
    );
    expect(await run("files-sync", "account daemon /home/x")).toContain("refused: the user daemon");
});

test("a former user stays until the role goes: daemons may still be ending as it", async () => {
    await run("shop-install", "account --number 23456 one /home/x");
    await run("shop-install", "account --number 23457 other /home/x");
    expect(line("passwd", "one")).toBeDefined();
    expect(recorded("shop-install")).toBe("one\nother");
});

test("an account that SSH lets in has a shell, as before", async () => {
    await run("files-sync", "account sync-files /home/x");
    expect(line("passwd", "sync-files")).toMatch(/:evenkeel role files-sync:\/home\/x:\/bin\/sh$/);
});
