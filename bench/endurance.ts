import { loadavg } from "node:os";
import { settled } from "../test/faults/pair.ts";
import { deployFlagship, succeeded } from "../test/support/flagship.ts";
import { enduring, HEADINGS, rowsOf, type Taken } from "./enduring.ts";
import { machine, reportBenchmark } from "./report.ts";
import { TLS_LISTENER } from "./servingLoad.ts";

/** Each request keeps 40 MB for a moment, as much as a large page of WordPress. */
const PAGE =
    "<?php $kept = str_repeat(random_bytes(1024), 40 * 1024); for ($i = 0, $sum = 0; $i < 20000; $i++) $sum += ord($kept[$i]); echo strlen($kept) > 0 && $sum > 0 ? 'well' : 'ill';";

/** Beside the flagship's own pool, on the same hosts. */
const program = (engine: string) => `const app = new evenkeel.WebPool("app", {
    hosts: web.hosts,
    engine: "${engine}",
    port: 8080,
    php: true,
    files: { "index.php": ${JSON.stringify(PAGE)} },
});

const lb =`;

/** `npm run bench -- endurance`: whether roles stay within 1 GB under load that goes on. */
export async function benchEndurance(minutes: number): Promise<void> {
    const site = await deployFlagship("bench-endurance");
    const loads: number[] = [];
    try {
        site.edit(
            "http: [{",
            `http: [{ port: 8080, backends: app.hosts, backendPort: 8080 }, ${TLS_LISTENER}, {`,
        );
        const taken: Taken[] = [];
        for (const engine of ["nginx", "apache"]) {
            const undo = site.edit("const lb =", program(engine));
            succeeded(await site.stack.up());
            const { active } = await settled(site);
            const measure = async (role: string, hosts: string[], url: string) => {
                loads.push(loadavg()[0]!);
                taken.push({ role, ...(await enduring(site, hosts, url, minutes * 60)) });
            };
            if (engine === "nginx") await measure("balancer, HTTPS", [active], `https://${site.address}/`);
            await measure(`web hosts, ${engine} and PHP`, ["web-0", "web-1"], `http://${site.address}:8080/`);
            undo();
        }
        reportBenchmark("Endurance", render(taken, minutes, loads));
    } finally {
        await site.remove();
    }
}

function render(taken: Taken[], minutes: number, loads: number[]): string {
    return `Written by \`npm run bench -- endurance\`: each role under load for ${minutes} minutes without a break, on hosts of 1 CPU and 1 GB of the local cloud. The page of PHP keeps 40 MB while it works, and twice as many visitors ask for it as there are processes. Memory is what belongs to no file, at most. ${machine(loads)}

${HEADINGS}
${taken.flatMap(rowsOf).join("\n")}
`;
}
