import { readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { STACKS } from "../../test/stacks.ts";
import type { Spending } from "../../test/support/spending.ts";
import { checkout } from "../paths.ts";
import { withSection } from "../sections.ts";
import { isLong } from "./suites.ts";
import { type FileTimes, timesOf } from "./times.ts";

/** Writes where the time of a run of everything went to docs/testing.md, and what it leaves each stack to test/README.md. */
export function record(spendingFile: string): void {
    const times = timesOf(readSpendings(spendingFile));
    write("docs/testing.md", "Where the time goes", filesTable(times));
    write("test/README.md", "Stacks", stacksTable(times));
}

function readSpendings(path: string): Spending[] {
    const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
    const spendings = lines.map((line) => JSON.parse(line) as Spending);
    return spendings.map((each) => ({ ...each, file: relative(checkout, resolve(checkout, each.file)) }));
}

function write(document: string, heading: string, text: string): void {
    const file = join(checkout, document);
    writeFileSync(file, withSection(readFileSync(file, "utf8"), heading, text));
    console.error(`written: ${document}, ${heading}`);
}

const COLUMNS = ["total", "hosts", "packages", "up", "waiting", "asserting"] as const;

function filesTable(times: FileTimes[]): string {
    const sorted = times.toSorted((one, other) => one.file.localeCompare(other.file));
    const rows = sorted.map((each) => row(`\`${each.file.replace("test/", "")}\``, each, inNpmTest(each)));
    const all = times.filter(inNpmTest);
    return [
        "Seconds, written by `npm run test:all -- --record`. Packages are installed during an `up`: its own column is what is left of it. A `stack.ts` brings its stack up and takes it down.",
        "",
        "| file | in `npm test` | seconds | making hosts | packages | `up` | waiting for daemons | asserting |",
        "|---|---|---|---|---|---|---|---|",
        ...rows,
        row("all of `npm test`", added(all), true),
        row("all of `npm run test:all`", added(times), false),
    ].join("\n");
}

const row = (name: string, times: Omit<FileTimes, "file">, isInNpmTest: boolean) =>
    `| ${[name, isInNpmTest ? "yes" : "", ...COLUMNS.map((column) => times[column].toFixed(0))].join(" | ")} |`;

const inNpmTest = ({ file }: FileTimes) => !isLong(file);

function added(times: FileTimes[]): Omit<FileTimes, "file"> {
    const sums = COLUMNS.map((column) => [column, times.reduce((sum, each) => sum + each[column], 0)]);
    return Object.fromEntries(sums);
}

function stacksTable(times: FileTimes[]): string {
    const rows = STACKS.map(({ name, hosts, users, budget }) => {
        const mine = times.filter((each) => inNpmTest(each) && each.file.startsWith(`test/hosts/${name}/`));
        const seconds = Math.round(added(mine).total);
        return `| \`${name}\` | ${hosts} | ${users} | ${budget} | ${seconds} | ${budget - seconds} |`;
    });
    return [
        "Seconds of `npm test`, written by `npm run test:all -- --record`. A new file takes its seconds from what its stack has left.",
        "",
        "| stack | hosts | what is tested there | may take | takes | left |",
        "|---|---|---|---|---|---|",
        ...rows,
    ].join("\n");
}
