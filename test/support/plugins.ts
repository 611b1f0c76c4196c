import { readFileSync } from "node:fs";
import type { Call, Resource } from "../../local/plugins/kit/resource.ts";
import { type Props, reveal, type Value } from "../../local/plugins/kit/values.ts";

export interface TestCall extends Call {
    /** What was shown while it ran. */
    shown: string[];
    /** What was logged to stay. */
    logged: string[];
}

export function testCall(name = "thing"): TestCall {
    const shown: string[] = [];
    const logged: string[] = [];
    return {
        urn: `urn:pulumi:test::test::test:index:Thing::${name}`,
        name,
        timeoutSeconds: 0,
        cancelled: new AbortController().signal,
        shown,
        logged,
        progress: (message) => shown.push(message),
        log: (severity, message) => logged.push(`${severity}: ${message}`),
    };
}

/** What a resource makes of a program's arguments, as plain values. */
export function check(resource: Resource, news: Props, olds: Props = {}, name = "thing"): Props {
    const { inputs } = resource.check({ name, news, olds, seed: new Uint8Array() });
    return reveal(inputs) as Props;
}

export interface RecordedResource {
    type: string;
    id: string;
    name: string;
    inputs: Props;
    outputs: Props;
}

/** What the official plugins recorded, with secrets as plain values and without the bridge's own bookkeeping. */
export function recordedState(file: string): RecordedResource[] {
    const state = JSON.parse(readFileSync(`test/recorded/${file}`, "utf8")) as RecordedState[];
    return state
        .filter(({ type }) => !type.startsWith("pulumi:providers:"))
        .map(({ type, id, urn, inputs, outputs }) => ({
            type,
            id,
            name: urn.split("::").at(-1) ?? "",
            inputs: plain(inputs ?? {}) as Props,
            outputs: plain(outputs) as Props,
        }));
}

interface RecordedState {
    type: string;
    id: string;
    urn: string;
    inputs?: Props;
    outputs: Props;
}

function plain(value: Value): Value {
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null) return value;
    if (typeof value.plaintext === "string")
        return value.plaintext.startsWith('"') ? (JSON.parse(value.plaintext) as Value) : value.plaintext;
    const kept = Object.entries(value).filter(
        ([name]) => name !== "__meta" && name !== "__pulumi_raw_state_delta",
    );
    return Object.fromEntries(kept.map(([name, item]) => [name, plain(item)]));
}
