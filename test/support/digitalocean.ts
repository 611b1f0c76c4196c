import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startApis } from "../../local/clouds/apis.ts";
import type { Limits } from "../../local/digitalocean/context.ts";
import { slice } from "../../local/network/slices.ts";
import { type FakeMachines, fakeMachines } from "./fakeMachines.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by tests
export type Json = any;

export interface Answer {
    status: number;
    headers: Headers;
    body: Json;
}

export interface TestApi extends AsyncDisposable {
    url: string;
    stateDir: string;
    machines: FakeMachines;
    log: string[];
    call(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
    /** A new droplet, waited for until it is active. */
    droplet(overrides?: Record<string, unknown>): Promise<Json>;
    /** Repeats a GET until its answer is as wanted. */
    until(path: string, isWanted: (answer: Answer) => boolean): Promise<Answer>;
    /** Ends the API and starts it again from its state on disk. */
    restart(): Promise<void>;
}

export const tokens = { token: "full-token", failoverToken: "failover-token" };

interface TestOptions {
    limits?: Partial<Limits>;
    stateDir?: string;
    machines?: FakeMachines;
}

export async function testApi({ limits, ...options }: TestOptions = {}): Promise<TestApi> {
    const stateDir = await mkdtemp(join(tmpdir(), "evenkeel-api-"));
    const machines = fakeMachines();
    const log: string[] = [];
    const settings = {
        machines,
        slice: slice(0),
        stateDir,
        gateway: "127.0.0.1",
        metadataPort: 0,
        log: (line: string) => log.push(line),
        digitalocean: {
            ...tokens,
            port: 0,
            // Tests poll far more often than clients do.
            limits: { requestsPerMinute: 100_000, requestsPerHour: 100_000, ...limits },
        },
        ...options,
    };
    let apis = await startApis(settings);
    let count = 0;

    const test: TestApi = {
        url: apis.digitalocean,
        stateDir: settings.stateDir,
        machines: settings.machines,
        log,
        async call(method, path, body, token = tokens.token) {
            const answer = await fetch(`${test.url}${path}`, {
                method,
                headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
                ...(body !== undefined && { body: JSON.stringify(body) }),
            });
            const text = await answer.text();
            return {
                status: answer.status,
                headers: answer.headers,
                body: text === "" ? null : JSON.parse(text),
            };
        },
        async until(path, isWanted) {
            const end = Date.now() + 2000;
            for (;;) {
                const answer = await test.call("GET", path);
                if (isWanted(answer)) return answer;
                if (Date.now() > end) throw new Error(`${path} stayed ${JSON.stringify(answer.body)}`);
                await sleep(5);
            }
        },
        async droplet(overrides = {}) {
            const wanted = {
                name: `host-${++count}`,
                region: "fra1",
                size: "s-1vcpu-1gb",
                image: "debian-12-x64",
            };
            const { status, body } = await test.call("POST", "/v2/droplets", { ...wanted, ...overrides });
            if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
            const path = `/v2/droplets/${body.droplet.id}`;
            return (await test.until(path, (answer) => answer.body.droplet.status === "active")).body.droplet;
        },
        async restart() {
            await apis.close();
            apis = await startApis(settings);
            test.url = apis.digitalocean;
        },
        async [Symbol.asyncDispose]() {
            await apis.close();
            await rm(stateDir, { recursive: true });
        },
    };
    return test;
}

/** Holds a step of the machines up until the test opens it. */
export function gate(): { passed: Promise<void>; open: () => void } {
    let open = () => {};
    const passed = new Promise<void>((resolve) => {
        open = resolve;
    });
    return { passed, open };
}
