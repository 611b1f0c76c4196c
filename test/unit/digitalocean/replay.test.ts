import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { type Json, testApi } from "../../support/digitalocean.ts";

interface Entry {
    mark?: string;
    method: string;
    path: string;
    request: Json;
    status: number;
    response: Json;
}

/** Read back, these say the same as they did to the official plugin; the rest need only have the same shape. */
const sameValues = [
    "name",
    "status",
    "locked",
    "tags",
    "features",
    "size_slug",
    "memory",
    "vcpus",
    "type",
    "data",
];
const alsoSame = [
    "ttl",
    "ports",
    "protocol",
    "count",
    "ip_range",
    "description",
    "public_key",
    "fingerprint",
    "region_slug",
];
const assigned = ["id", "ip"];

const lines = (
    await readFile(new URL("../../recorded/requests-digitalocean.jsonl", import.meta.url), "utf8")
).trim();
const entries: Entry[] = lines.split("\n").map((line) => JSON.parse(line));

test("the official plugin's calls get the answers that it accepted", async () => {
    await using api = await testApi();
    const names = new Map<string, string | number>();
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
                    compare(translate(names, entry.response), body, "", true, differences);
                    return differences.length === 0;
                })
                .catch(() => {});
            expect(differences, label).toEqual([]);
        } else {
            const { status, body } = await api.call(
                entry.method,
                path,
                translate(names, entry.request) ?? undefined,
            );
            expect(status, `${label}: ${JSON.stringify(body)}`).toBe(entry.status);
            learn(names, entry.response, body);
            const differences: string[] = [];
            compare(translate(names, entry.response), body, "", false, differences);
            expect(differences, label).toEqual([]);
        }
    }
    expect(api.machines.hosts.size).toBe(0);
    expect(api.machines.networks.size).toBe(0);
    expect(api.log).toEqual([]);
});

/** The recorded ids and addresses in terms of those that the API under test gave out. */
function translate(names: Map<string, string | number>, value: Json): Json {
    if (Array.isArray(value)) return value.map((item) => translate(names, item));
    if (value !== null && typeof value === "object") {
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, translate(names, item)]));
    }
    const known = names.get(String(value));
    return known === undefined ? value : typeof value === "string" ? String(known) : known;
}

function learn(names: Map<string, string | number>, recorded: Json, answer: Json): void {
    if (recorded === null || typeof recorded !== "object") return;
    for (const [key, value] of Object.entries(recorded)) {
        if (assigned.includes(key) && answer?.[key] !== undefined) names.set(String(value), answer[key]);
        else if (key !== "image") learn(names, value, answer?.[key]);
    }
}

function compare(wanted: Json, answer: Json, path: string, isRead: boolean, differences: string[]): void {
    const kind = kindOf(wanted);
    // Work goes on after an action was accepted: the record was made by a server that did it at once.
    const isUnfinished = !isRead && path.endsWith("completed_at") && answer === null;
    if (kind !== kindOf(answer) && !isUnfinished) {
        differences.push(`${path} is ${JSON.stringify(answer)}, not ${JSON.stringify(wanted)}`);
    } else if (kind === "array") {
        if (wanted.length > 0 && answer.length === 0) differences.push(`${path} is empty`);
        if (wanted.length > 0 && answer.length > 0)
            compare(wanted[0], answer[0], `${path}[0]`, isRead, differences);
    } else if (kind === "object") {
        for (const [key, value] of Object.entries(wanted)) {
            if (!(key in answer)) differences.push(`${path}.${key} is missing`);
            else compare(value, answer[key], `${path}.${key}`, isRead, differences);
            const isSame = [...sameValues, ...alsoSame].includes(key) && isRead && !path.includes("image");
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
