import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { elapsed } from "../../local/progress.ts";
import { checkout } from "../paths.ts";

/** What a suite came to, by the report that vitest writes in JSON. */
export interface Report {
    passed: number;
    failed: number;
    /** Each failed test with why, and each file that did not even load. */
    failures: string[];
    /** The files that took longest, such as "galera.test.ts 9 min 40 s". */
    longest: string[];
}

interface VitestReport {
    numPassedTests: number;
    numFailedTests: number;
    testResults: {
        name: string;
        status: string;
        startTime: number;
        endTime: number;
        assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
    }[];
}

const LONGEST = 5;
/** Characters of a reason: what follows is in the output above. */
const LINE = 200;
const REASONS = 60;

/** `output` is what vitest printed: of a file of which nothing ran the report does not tell why. */
export function readReport(path: string, output = ""): Report {
    let report: VitestReport;
    try {
        report = JSON.parse(readFileSync(path, "utf8")) as VitestReport;
    } catch {
        return { passed: 0, failed: 0, failures: [], longest: [] };
    }
    const files = report.testResults.map((file) => ({ ...file, name: relative(checkout, file.name) }));
    return {
        passed: report.numPassedTests,
        failed: report.numFailedTests,
        failures: files.flatMap((file) => failuresIn(file, output)),
        longest: files
            .map(({ name, startTime, endTime }) => ({
                name: name.split("/").at(-1),
                ms: endTime - startTime,
            }))
            .sort((a, b) => b.ms - a.ms)
            .slice(0, LONGEST)
            .map(({ name, ms }) => `${name} ${elapsed(ms)}`),
    };
}

type FileReport = VitestReport["testResults"][number];

function failuresIn({ name, status, assertionResults }: FileReport, output: string): string[] {
    const failed = assertionResults.filter((test) => test.status === "failed");
    if (failed.length > 0)
        return failed.map(
            ({ fullName, failureMessages }) => `${name}: ${fullName}${reason(failureMessages)}`,
        );
    return status === "failed" ? [`${name}: did not run${reason([firstWords(name, output)])}`] : [];
}

/** What vitest says below the headline of a file, or of a group in it, that failed before its tests. */
function firstWords(name: string, output: string): string {
    const lines = stripVTControlCharacters(output).split("\n");
    const headline = lines.findIndex((line) => line.startsWith(" FAIL ") && line.includes(name));
    return headline < 0 ? "" : (lines.slice(headline + 1).find((line) => line.trim() !== "") ?? "");
}

/** What a suite said that failed before any of its tests: its hosts or its stack did not come up. */
export function reasonsIn(output: string): string[] {
    const lines = stripVTControlCharacters(output)
        .split("\n")
        .map((line) => line.trim());
    const reasons = lines.filter((line) => /\berror\b|timed out|ended with|^last words of /i.test(line));
    return [...new Set(reasons)].slice(0, REASONS).map((line) => line.slice(0, LINE));
}

/** The first line of what a test failed with. */
function reason([message = ""]: string[]): string {
    const line = stripVTControlCharacters(message).split("\n", 1)[0]!;
    return line && `\n    ${line.slice(0, LINE)}`;
}
