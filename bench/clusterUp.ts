import { cpus, loadavg } from "node:os";
import type { Cloud } from "../local/clouds/clouds.ts";
import { down } from "../local/clouds/lifecycle.ts";
import { galeraPackages } from "../src/galera/role.ts";
import { baselinePackages } from "../src/hosts/baseline.ts";
import { testStack } from "../test/support/engine.ts";
import { cloudEnvironment, onHost, succeeded, testCloud } from "../test/support/flagship.ts";
import { installedHosts, seconds } from "./floor.ts";
import { headingWith, type OfficialWaits, pluginsNote, waitsEnvironment } from "./plugins.ts";
import { machine, reportBenchmark, row } from "./report.ts";

const NAME = "bench-cluster";
const MEMBER = [...baselinePackages, ...galeraPackages];
const KINDS = ["GaleraCluster", "ReplicatedMySQL"] as const;

/** Seconds from nothing to three members that take writes. */
interface Times {
    /** By hand: hosts booted, the same packages on all at once, a first member, and the others that join it. */
    floor: number;
    ups: number[];
    load: number;
}

/** `npm run bench -- cluster`: what an `up` of a database cluster adds to what its packages and members take. */
export async function benchCluster(rounds: number, waits: OfficialWaits): Promise<void> {
    const measured: Times[] = [];
    try {
        // The first round fills the package cache; it is not counted.
        for (let round = 0; round <= rounds; round++) {
            const load = loadavg()[0]!;
            const floor = await seconds(async () => byHand(await testCloud(NAME)));
            const ups: number[] = [];
            for (const kind of KINDS) ups.push(await upOf(kind, waits));
            console.error(`${round} of ${rounds}: floor ${floor} s, ${ups.join(" s, ")} s`);
            if (round > 0) measured.push({ floor, ups, load });
        }
    } finally {
        await down(NAME);
    }
    reportBenchmark(headingWith("A cluster of databases", waits), render(measured, await pluginsNote(waits)));
}

async function upOf(kind: (typeof KINDS)[number], waits: OfficialWaits): Promise<number> {
    const cloud = await testCloud(NAME);
    const program = `import * as evenkeel from "evenkeel";
const site = new evenkeel.Site("shop", { cloud: "digitalocean", region: "fra1" });
new evenkeel.${kind}("db", { placement: site.placement });
`;
    const env = { ...cloudEnvironment(cloud), ...waitsEnvironment(waits) };
    const stack = await testStack({ files: { "index.ts": program }, env });
    try {
        return await seconds(async () => succeeded(await stack.up()));
    } finally {
        stack.remove();
    }
}

/** As a tutorial has it, and no slower: plain connections, copies by rsync, and both others join at once. */
async function byHand(cloud: Cloud): Promise<void> {
    const names = await installedHosts(
        cloud,
        Array.from({ length: 3 }, () => [...MEMBER, "rsync"]),
    );
    const address = (name: string) =>
        onHost(cloud, name, "ip -4 -o address show eth1 | grep -oP 'inet \\K[\\d.]+'");
    const addresses = await Promise.all(names.map(address));
    await Promise.all(
        names.map((name, i) =>
            onHost(
                cloud,
                name,
                `systemctl stop mariadb; cat >/etc/mysql/mariadb.conf.d/99-galera.cnf <<'END'
[mysqld]
binlog_format = ROW
wsrep_on = ON
wsrep_provider = /usr/lib/galera/libgalera_smm.so
wsrep_cluster_address = gcomm://${addresses.join(",")}
wsrep_node_address = ${addresses[i]}
wsrep_sst_method = rsync
END`,
            ),
        ),
    );
    const [first = "", ...others] = names;
    await onHost(cloud, first, "galera_new_cluster");
    await Promise.all(others.map((name) => onHost(cloud, name, "systemctl start mariadb")));
    const synced = `mariadb -N -e "SHOW STATUS LIKE 'wsrep_local_state_comment'" | grep -q Synced`;
    const wait = `timeout 60 bash -c 'until ${synced.replaceAll("'", `'"'"'`)}; do sleep 0.1; done'`;
    await Promise.all(names.map((name) => onHost(cloud, name, wait)));
}

function render(measured: Times[], plugins: string): string {
    const floors = measured.map(({ floor }) => floor);
    const ups = KINDS.flatMap((kind, i) => [
        row(
            `\`pulumi up\` of a ${kind}`,
            measured.map(({ ups }) => ups[i]!),
        ),
        row(
            `${kind} / floor`,
            measured.map(({ ups, floor }) => ups[i]! / floor),
            "",
        ),
    ]);
    return `Written by \`npm run bench -- cluster\`: three members from nothing to the last one in step, ${measured.length} rounds. ${machine(measured.map(({ load }) => load))} The floor is the same by hand and in a hurry, on ${cpus().length} processors too: the same hosts and packages, a few lines of configuration without TLS, the first member started, the others joining it at once with a copy by rsync. ${plugins}

| step | min | median | max |
|---|---|---|---|
${[row("floor", floors), ...ups].join("\n")}
`;
}
