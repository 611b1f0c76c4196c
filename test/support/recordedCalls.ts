import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import type { Client, Json } from "./localApis.ts";

interface Entry {
    mark?: string;
    method: string;
    path: string;
    request: Json;
    status: number;
    response: Json;
}

type Names = Map<string, string | number>;

interface Keys {
    /** Read back, these say the same as they did to the official plugin; the rest need only have the same shape. */
    same: string[];
    /** What the API gives out, and later calls name. */
    assigned: string[];
}

/** Makes the calls of an official plugin again, and expects the answers that it accepted. */
export async function expectRecorded(api: Client, file: string, { same, assigned }: Keys): Promise<void> {
    const names: Names = new Map();
    const text = await readFile(new URL(`../recorded/${file}`, import.meta.url), "utf8");
    const entries: Entry[] = text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    for (const entry of entries.filter(({ mark }) => mark === undefined)) {
        const path = entry.path
            .split(/(?<=[/?])|(?=[/?])/)
            .map((part) => translate(names, part))
            .join("");
        const label = `${entry.method} ${entry.path}`;
        if (entry.method === "GET") {
            const differences: string[] = [];
            await api
                .until(path, ({ status, body }) => {
                    differences.length = 0;
                    if (status !== entry.status) differences.push(`status ${status}, not ${entry.status}`);
                    compare(translate(names, entry.response), body, "", same, differences);
                    return differences.length === 0;
                })
                .catch(() => {});
            expect(differences, label).toEqual([]);
        } else {
            const request = translate(names, entry.request) ?? undefined;
            const { status, body } = await api.call(entry.method, path, request);
            expect(status, `${label}: ${JSON.stringify(body)}`).toBe(entry.status);
            learn(names, entry.response, body, assigned);
            const differences: string[] = [];
            compare(translate(names, entry.response), body, "", [], differences);
            expect(differences, label).toEqual([]);
        }
    }
}

/** The recorded ids and addresses in terms of those that the API under test gave out. */
function translate(names: Names, value: Json): Json {
    if (Array.isArray(value)) return value.map((item) => translate(names, item));
    if (value !== null && typeof value === "object") {
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, translate(names, item)]));
    }
    const known = names.get(String(value));
    return known === undefined ? value : typeof value === "string" ? String(known) : known;
}

function learn(names: Names, recorded: Json, answer: Json, assigned: string[]): void {
    if (recorded === null || typeof recorded !== "object") return;
    for (const [key, value] of Object.entries(recorded)) {
        if (assigned.includes(key) && answer?.[key] !== undefined) names.set(String(value), answer[key]);
        else if (key !== "image") learn(names, value, answer?.[key], assigned);
    }
}

/** `same` are the keys whose values are compared, in answers to reads; of all others only the kind. */
function compare(wanted: Json, answer: Json, path: string, same: string[], differences: string[]): void {
    const kind = kindOf(wanted);
    // Work goes on after an action was accepted: the record was made by a server that did it at once.
    const isUnfinished = same.length === 0 && path.endsWith("completed_at") && answer === null;
    if (kind !== kindOf(answer) && !isUnfinished) {
        differences.push(`${path} is ${JSON.stringify(answer)}, not ${JSON.stringify(wanted)}`);
    } else if (kind === "array") {
        if (wanted.length > 0 && answer.length === 0) differences.push(`${path} is empty`);
        if (wanted.length > 0 && answer.length > 0)
            compare(wanted[0], answer[0], `${path}[0]`, same, differences);
    } else if (kind === "object") {
        for (const [key, value] of Object.entries(wanted)) {
            if (!(key in answer)) differences.push(`${path}.${key} is missing`);
            else compare(value, answer[key], `${path}.${key}`, same, differences);
            const isSame = same.includes(key) && kindOf(value) !== "object" && !path.includes("image");
            if (isSame && JSON.stringify(value) !== JSON.stringify(answer[key])) {
                differences.push(
                    `${path}.${key} is ${JSON.stringify(answer[key])}, not ${JSON.stringify(value)}`,
                );
            }
        }
    }
}

function kindOf(value: Json): string {
    if (value === null) return "null";
    return Array.isArray(value) ? "array" : typeof value;
}
