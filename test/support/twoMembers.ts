import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../tools/paths.ts";

const EXAMPLE = "examples/galera-cluster/index.ts";

/** The example with two members, and a web host that votes with them. */
export function twoMembers(): string {
    const text = readFileSync(join(checkout, EXAMPLE), "utf8");
    const [cluster] = /^const db = .*?^\}\);\n\n/ms.exec(text)!;
    const size = 'hostCount: config.requireNumber("databaseHosts"),';
    if (!cluster.includes(size)) throw new Error(`${EXAMPLE} does not say ${size}`);
    const arbitrated = cluster.replace(size, "hostCount: 2,\n    arbitrator: web.hosts[0]!,");
    return text.replace(cluster, "").replace("const shop =", `${arbitrated}const shop =`);
}
