import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkout } from "../../tools/paths.ts";
import { commands } from "../support/commands.ts";
import { commandsShown, documents, readme } from "../support/readme.ts";

const read = (file: string) => readFileSync(join(checkout, file), "utf8");
const stackTests = globSync("test/hosts/**/*.test.ts", { cwd: checkout }).map(read);
const { scripts } = JSON.parse(read("package.json"));

test("every command that is shown is in the table of those that are run, and no other", () => {
    const shown = documents.flatMap(commandsShown);
    expect(Object.keys(commands).sort()).toEqual([...new Set(shown)].sort());
});

test.each(Object.entries(commands))("`%s` is run where the table says", (_, run) => {
    if (Array.isArray(run)) expect(read(run[0])).toContain(run[1]);
    else if ("stack" in run) expect(stackTests.join()).toContain(`commandsOn("${run.stack}")`);
});

test("every npm script that is shown is there", () => {
    for (const [, script] of documents
        .map(read)
        .join()
        .matchAll(/npm run ([\w:]+)/g))
        expect(scripts, script).toHaveProperty(script!);
});

test.each([...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, file]) => file!))("%s is there", (file) => {
    expect(existsSync(join(checkout, file))).toBe(true);
});
