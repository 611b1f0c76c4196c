import { loadavg } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { editFile, succeeded } from "../test/support/flagship.ts";
import { deployWordPress, type WordPressSite } from "../test/support/wordPressSite.ts";
import { enduring, HEADINGS, rowsOf, type Taken } from "./enduring.ts";
import { machine, reportBenchmark, spread } from "./report.ts";
import { wrk } from "./servingLoad.ts";

const SECONDS = 20;
const NODES = ["node-0", "node-1", "node-2"];

/** `npm run bench -- wordpress`: warm pages of WordPress, and what hosts that are everything at once take of their memory. */
export async function benchWordPress(rounds: number, minutes: number): Promise<void> {
    await execa("apt-get", ["-qy", "install", "--no-install-recommends", "wrk"]);
    const site = await deployWordPress("bench-wordpress", "examples/three-servers-wordpress", {
        deletionProtection: "false",
    });
    const loads: number[] = [];
    try {
        const { link } = await site.editor.post("Trade winds");
        const rates: Rates[] = [];
        const program = join(site.stack.folder, "index.ts");
        for (let hosts = 1; hosts <= NODES.length; hosts++) {
            const undo = editFile(program, "backends: blog.hosts", `backends: blog.hosts.slice(0, ${hosts})`);
            const made = await served(site, `${hosts} hosts`, link, rounds, loads);
            const undoKept = editFile(
                program,
                "phpWorkers: 4,",
                "phpWorkers: 4, pageCache: { seconds: 10 },",
            );
            const kept = await served(site, `${hosts} hosts, kept pages`, link, rounds, loads);
            undoKept();
            undo();
            rates.push({ made, kept });
        }
        succeeded(await site.stack.up());
        loads.push(loadavg()[0]!);
        const taken = { role: "everything at once", ...(await enduring(site, NODES, link, minutes * 60)) };
        reportBenchmark("WordPress", render(site.seconds, rates, taken, minutes, loads));
    } finally {
        await site.remove();
    }
}

/** Pages a second when each is made, and when they are kept for 10 s. */
interface Rates {
    made: number[];
    kept: number[];
}

async function served(site: WordPressSite, what: string, link: string, rounds: number, loads: number[]) {
    succeeded(await site.stack.up());
    const rates: number[] = [];
    for (let round = 1; round <= rounds; round++) {
        loads.push(loadavg()[0]!);
        const { perSecond, lost } = await wrk(link, SECONDS);
        rates.push(perSecond);
        console.error(`${round} of ${rounds}: ${what}: ${perSecond} pages a second, ${lost} lost`);
    }
    return rates;
}

function render(seconds: number, rates: Rates[], taken: Taken, minutes: number, loads: number[]): string {
    const rows = rates.map(
        ({ made, kept }, i) => `| ${i + 1} | ${spread(made).join(" / ")} | ${spread(kept).join(" / ")} |`,
    );
    return `Written by \`npm run bench -- wordpress\` on ${new Date().toISOString().slice(0, 10)}: examples/three-servers-wordpress on the local cloud, up in ${seconds} s; a post with its theme, without a cache of objects, ${SECONDS} s each time through the balancer, which is one of the hosts. ${machine(loads)}

| web hosts | pages a second: median / min / max | with \`pageCache: { seconds: 10 }\` |
|---|---|---|
${rows.join("\n")}

All three hosts under load for ${minutes} minutes without a break, each of them balancer, web host and member of the database in 1 CPU and 1 GB. Memory is what belongs to no file, at most.

${HEADINGS}
${rowsOf(taken).join("\n")}
`;
}
