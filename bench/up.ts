import { cpus, loadavg } from "node:os";
import { down } from "../local/clouds/lifecycle.ts";
import { baselinePackages } from "../src/hosts/baseline.ts";
import { testStack } from "../test/support/engine.ts";
import { flagshipOptions, succeeded, testCloud } from "../test/support/flagship.ts";
import { installedHosts, seconds } from "./floor.ts";
import { headingWith, type OfficialWaits, pluginsNote, waitsEnvironment } from "./plugins.ts";
import { reportBenchmark, row } from "./report.ts";

const NAME = "bench-up";
const BALANCER = [...baselinePackages, "haproxy", "keepalived"];
const WEB = [...baselinePackages, "nginx-light"];

/** Seconds of each step; every step on hosts that were just made. */
interface Times {
    /** Hosts booted, and the same packages by plain apt-get on all of them at once. */
    floor: number;
    /** `pulumi up` of two balancers and two web hosts, from nothing to the page being served. */
    up: number;
    noOp: number;
    /** The same for the six hosts that are added next. */
    growthFloor: number;
    /** `pulumi up` from two web hosts to eight. */
    growth: number;
    /** The machine's load when the round began: what else was going on. */
    load: number;
}

/** `npm run bench -- up`: where the time of an `up` goes, against what the packages alone cost. */
export async function benchUp(rounds: number, waits: OfficialWaits): Promise<void> {
    const measured: Times[] = [];
    try {
        // The first round fills the package cache; it is not counted.
        for (let round = 0; round <= rounds; round++) {
            console.error(
                `round ${round} of ${rounds}${round === 0 ? " (warms the caches, not counted)" : ""}`,
            );
            const times = await measure(waits);
            console.error(times);
            if (round > 0) measured.push(times);
        }
    } finally {
        await down(NAME);
    }
    reportBenchmark(headingWith("An up", waits), render(measured, await pluginsNote(waits)));
}

async function measure(waits: OfficialWaits): Promise<Times> {
    const load = loadavg()[0]!;
    const floor = await floorOf([BALANCER, BALANCER, WEB, WEB]);
    const growthFloor = await floorOf(Array.from({ length: 6 }, () => WEB));
    const cloud = await testCloud(NAME);
    const options = flagshipOptions(cloud);
    const stack = await testStack({ ...options, env: { ...options.env, ...waitsEnvironment(waits) } });
    try {
        const up = await seconds(async () => succeeded(await stack.up()));
        const noOp = await seconds(async () => succeeded(await stack.up("--expect-no-changes")));
        await stack.pulumi("config", "set", "webHosts", "8");
        const growth = await seconds(async () => succeeded(await stack.up()));
        return { floor, up, noOp, growthFloor, growth, load };
    } finally {
        stack.remove();
    }
}

async function floorOf(hosts: string[][]): Promise<number> {
    const cloud = await testCloud(NAME);
    return seconds(() => installedHosts(cloud, hosts));
}

function render(measured: Times[], plugins: string): string {
    const told = (title: string, of: (times: Times) => number, unit?: string) =>
        row(title, measured.map(of), unit);
    return `Written by \`npm run bench -- up\`: ${measured.length} rounds on ${cpus().length} processors (${cpus()[0]?.model.trim()}), all hosts of the local cloud sharing them. Load of the machine before a round: ${measured.map(({ load }) => load.toFixed(1)).join(", ")}. Packages come from the local cache. The floor is what no tool can save: the same hosts made through the API, and the same packages by plain \`apt-get\` on all of them at once. ${plugins}

| step | min | median | max |
|---|---|---|---|
${[
    told("floor of 2 balancers and 2 web hosts", ({ floor }) => floor),
    told("`pulumi up` of them, page served", ({ up }) => up),
    told("`pulumi up` with nothing to do", ({ noOp }) => noOp),
    told("floor of 6 more web hosts", ({ growthFloor }) => growthFloor),
    told("`pulumi up` from 2 to 8 web hosts", ({ growth }) => growth),
    told("up / floor", ({ up, floor }) => up / floor, ""),
    told("growth / its floor", ({ growth, growthFloor }) => growth / growthFloor, ""),
    told("growth by 6 hosts / up of 4", ({ growth, up }) => growth / up, ""),
].join("\n")}
`;
}
