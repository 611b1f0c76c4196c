import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startApis } from "../../local/clouds/apis.ts";
import type { Limits as DigitalOceanLimits } from "../../local/digitalocean/context.ts";
import { slice } from "../../local/network/slices.ts";
import type { Limits as VultrLimits } from "../../local/vultr/context.ts";
import { type FakeMachines, fakeMachines } from "./fakeMachines.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by tests
export type Json = any;

export interface Answer {
    status: number;
    headers: Headers;
    body: Json;
}

/** One provider's API under test. */
export interface Client {
    url: string;
    call(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
    /** Repeats a GET until its answer is as wanted. */
    until(path: string, isWanted: (answer: Answer) => boolean): Promise<Answer>;
}

export interface Surroundings extends AsyncDisposable {
    proxyUrl: string;
    stateDir: string;
    machines: FakeMachines;
    log: string[];
    /** Ends the APIs and starts them again from their state on disk. */
    restart(): Promise<void>;
}

export interface LocalApis extends Surroundings {
    digitalocean: Client;
    vultr: Client;
}

export interface ApisUnderTest {
    digitalocean?: Partial<DigitalOceanLimits>;
    vultr?: Partial<VultrLimits>;
    stateDir?: string;
    machines?: FakeMachines;
}

export const tokens = { token: "full-token", failoverToken: "failover-token" };
export const vultrKey = "VULTRKEY";
const bgp = { asn: 4_288_000_001, password: "a-password-of-bgp" };

/** The APIs of a local cloud on machines that are only remembered. Tests poll far more often than clients do. */
export async function localApis(options: ApisUnderTest = {}): Promise<LocalApis> {
    const ownDir = await mkdtemp(join(tmpdir(), "evenkeel-api-"));
    const { stateDir = ownDir, machines = fakeMachines() } = options;
    const log: string[] = [];
    const many = { requestsPerMinute: 100_000, requestsPerHour: 100_000 };
    const settings = {
        machines,
        slice: slice(0),
        stateDir,
        gateway: "127.0.0.1",
        metadataPort: 0,
        proxy: { port: 0 },
        log: (line: string) => log.push(line),
        digitalocean: { ...tokens, port: 0, limits: { ...many, ...options.digitalocean } },
        vultr: {
            ...{ key: vultrKey, bgp, port: 0 },
            limits: { requestsPerSecond: 100_000, ...options.vultr },
        },
    };
    let apis = await startApis(settings);
    return {
        digitalocean: client(() => apis.digitalocean, tokens.token),
        vultr: client(() => apis.vultr, vultrKey),
        get proxyUrl() {
            return apis.proxy;
        },
        stateDir,
        machines,
        log,
        async restart() {
            await apis.close();
            apis = await startApis(settings);
        },
        async [Symbol.asyncDispose]() {
            await apis.close();
            await rm(ownDir, { recursive: true });
        },
    };
}

function client(urlOf: () => string, ownToken: string): Client {
    const self: Client = {
        get url() {
            return urlOf();
        },
        async call(method, path, body, token = ownToken) {
            const answer = await fetch(`${urlOf()}${path}`, {
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
                const answer = await self.call("GET", path);
                if (isWanted(answer)) return answer;
                if (Date.now() > end) throw new Error(`${path} stayed ${JSON.stringify(answer.body)}`);
                await sleep(5);
            }
        },
    };
    return self;
}

/** Holds a step of the machines up until the test opens it. */
export function gate(): { passed: Promise<void>; open: () => void } {
    let open = () => {};
    const passed = new Promise<void>((resolve) => {
        open = resolve;
    });
    return { passed, open };
}
