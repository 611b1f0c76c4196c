import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkout } from "../../tools/paths.ts";
import { blocks, commandsIn, readme } from "../support/readme.ts";

const read = (file: string) => readFileSync(join(checkout, file), "utf8");
const { scripts } = JSON.parse(read("package.json"));

const DEMO = "test/hosts/alone/demo.test.ts";
const BACKUPS = "test/hosts/galera/backups.test.ts";
const README = "test/preview/readme.test.ts";

/** Every command of the README, the test that runs it, and how that test says it. */
const runBy: Record<string, [file: string, as: string]> = {
    "npm install": [".ci/run", "npm install"],
    "npm test": [".ci/run", "npm test"],
    "npm run demo": [DEMO, 'npmRun("demo")'],
    "npm run demo -- --down": [DEMO, 'npmRun("demo", "--", "--down")'],
    "npm run local": [DEMO, 'npmRun("local"'],
    "npm run local -- up": [DEMO, 'npmRun("local", "--", "up")'],
    "npm run local -- status": [DEMO, 'npmRun("local", "--", "status")'],
    "npm run local -- ssh web-0": [DEMO, 'npmRun("local", "--", "ssh", "web-0"'],
    "npm run local -- fail kill lb-0": [DEMO, 'npmRun("local", "--", "fail", "kill", "lb-0")'],
    "npm run local -- down": [DEMO, 'npmRun("local", "--", "down")'],
    "npm run pulumi -- ARGS": [DEMO, 'npmRun("pulumi", "--"'],
    "npm run pulumi -- preview --diff": [DEMO, 'npmRun("pulumi", "--", "preview", "--diff")'],
    "npm run pulumi -- up": [DEMO, 'npmRun("pulumi", "--", "up"'],
    // Each line of the block with this one is run as it stands there.
    "pulumi config set --secret sshKey < ~/.ssh/id_ed25519": [README, "commandsIn(ownHosts)"],
    "pulumi config set virtualAddress 10.0.0.100/24": [README, "commandsIn(ownHosts)"],
    "pulumi config set --path 'hosts[0].name' alpha": [README, "commandsIn(ownHosts)"],
    "pulumi config set --path 'hosts[0].address' 10.0.0.1": [README, "commandsIn(ownHosts)"],
    "pulumi config set --path 'hosts[0].hostKey' 'ssh-ed25519 AAAA…'": [README, "commandsIn(ownHosts)"],
    "pulumi config set --secret failoverToken": [README, "pulumi config set --secret failoverToken"],
    "DIGITALOCEAN_TOKEN=… pulumi up": ["test/hosts/front/stack.ts", 'sharedStack("test-front"'],
    "pulumi up": ["test/hosts/front/changes.test.ts", "stack.up("],
    "pulumi cancel": ["test/hosts/alone/long/interrupted.test.ts", 'pulumi("cancel"'],
    "pulumi stack --show-ids": [DEMO, 'npmRun("pulumi", "--", "stack", "--show-ids")'],
    "pulumi refresh --clear-pending-creates": [
        "test/hosts/alone/long/interrupted.test.ts",
        'refresh("--clear-pending-creates")',
    ],
    "npx evenkeel db status": [BACKUPS, 'evenkeel("status")'],
    "npx evenkeel db backup": [BACKUPS, 'evenkeel("backup")'],
    "npx evenkeel db backups": ["test/support/backups.ts", 'evenkeel("backups"'],
    "npx evenkeel db restore 20261121T022500Z --confirm db": [
        "test/hosts/galera/long/backups.test.ts",
        'evenkeel("restore", kept[0]!.name',
    ],
    "npx evenkeel db restore --until 2026-11-21T14:05:00Z --confirm db": [
        "test/hosts/replicated/backups.test.ts",
        'evenkeel("restore", "--until", beforeTheMistake',
    ],
    "npx evenkeel db switchover": ["test/hosts/replicated/endpoints.test.ts", 'db.evenkeel("switchover")'],
    "npx evenkeel db reseed db-1": ["test/hosts/replicated/long/members.test.ts", 'db.evenkeel("reseed"'],
    "npx evenkeel db promote HOST --accept-loss": [
        "test/hosts/replicated/long/members.test.ts",
        'db.evenkeel("promote", replica!, "--accept-loss")',
    ],
    "unset SSH_AUTH_SOCK": ["test/support/engine.ts", "SSH_AUTH_SOCK"],
};

/** Lines of shell blocks, and commands in running text. */
function commands(): string[] {
    const inline = [...readme.matchAll(/`((?:npm|pulumi|unset|npx|node|podman) [^`]*)`/g)];
    const all = [...blocks("sh").flatMap(commandsIn), ...inline.map(([, command]) => command!)];
    return [...new Set(all.flatMap((line) => line.split(" && ")))];
}

test("every command of the README is run by a test", () => {
    expect(commands().sort()).toEqual(Object.keys(runBy).sort());
    for (const [file, as] of Object.values(runBy))
        expect(read(file).includes(as), `${file}: ${as}`).toBe(true);
});

test("every npm script that the README names is there", () => {
    for (const [, script] of readme.matchAll(/npm run ([\w:]+)/g))
        expect(scripts, script).toHaveProperty(script!);
});

test.each([...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, file]) => file!))("%s is there", (file) => {
    expect(existsSync(join(checkout, file))).toBe(true);
});
