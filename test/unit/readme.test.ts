import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkout } from "../../tools/paths.ts";

const readme = readFileSync(join(checkout, "README.md"), "utf8");
const { scripts } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));

/** Every command of the README, and the test that runs it. */
const runBy: Record<string, string> = {
    "npm install": ".ci/run",
    "npm test": ".ci/run",
    "npm run demo": "test/hosts/demo.test.ts",
    "npm run demo -- --down": "test/hosts/demo.test.ts",
    "npm run local": "test/hosts/demo.test.ts",
    "npm run local -- up": "test/hosts/demo.test.ts",
    "npm run local -- status": "test/hosts/demo.test.ts",
    "npm run local -- ssh web-0": "test/hosts/demo.test.ts",
    "npm run local -- fail kill lb-0": "test/hosts/demo.test.ts",
    "npm run local -- down": "test/hosts/demo.test.ts",
    "npm run pulumi -- ARGS": "test/hosts/demo.test.ts",
    "npm run pulumi -- preview --diff": "test/hosts/demo.test.ts",
    "npm run pulumi -- up": "test/hosts/demo.test.ts",
    "pulumi config set --secret failoverToken": "test/hosts/demo.test.ts",
    "DIGITALOCEAN_TOKEN=… pulumi up": "test/hosts/flagship.test.ts",
    "pulumi up": "test/hosts/flagship.test.ts",
    "pulumi cancel": "test/hosts/interrupted.test.ts",
    "pulumi refresh --clear-pending-creates": "test/hosts/interrupted.test.ts",
    "pulumi config set --secret sshKey < ~/.ssh/id_ed25519": "test/hosts/ownHosts.test.ts",
    "pulumi config set virtualAddress 10.0.0.100/24": "test/hosts/ownHosts.test.ts",
    "pulumi config set --path 'hosts[0].name' alpha": "test/hosts/ownHosts.test.ts",
    "pulumi config set --path 'hosts[0].address' 10.0.0.1": "test/hosts/ownHosts.test.ts",
    "pulumi config set --path 'hosts[0].hostKey' 'ssh-ed25519 AAAA…'": "test/hosts/ownHosts.test.ts",
    "unset SSH_AUTH_SOCK": "test/unit/plugins/command.test.ts",
};

/** Lines of shell blocks, and commands in running text. */
function commands(): string[] {
    const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
        block!.trim().split("\n"),
    );
    const inline = [...readme.matchAll(/`((?:npm|pulumi|unset|npx) [^`]*)`/g)].map(([, command]) => command!);
    return [...blocks, ...inline].flatMap((line) => line.replace(/\s+#.*/, "").split(" && "));
}

test("every command of the README is run by a test", () => {
    const untested = commands().filter((command) => !(command in runBy));
    expect(untested).toEqual([]);
    for (const file of new Set(Object.values(runBy)))
        expect(existsSync(join(checkout, file)), file).toBe(true);
});

test("every command that is said to be tested is in the README", () => {
    expect(Object.keys(runBy).filter((command) => !commands().includes(command))).toEqual([]);
});

test("every npm script that the README names is there, and every file it links to", () => {
    for (const [, script] of readme.matchAll(/npm run ([\w:]+)/g))
        expect(scripts, script).toHaveProperty(script!);
    for (const [, file] of readme.matchAll(/\]\(([^)#:]+)\)/g))
        expect(existsSync(join(checkout, file!)), file).toBe(true);
});
