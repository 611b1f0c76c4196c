import { loadavg } from "node:os";
import { type DatabaseStack, deployDatabase } from "../test/support/databases.ts";
import { machine, reportBenchmark, spread } from "./report.ts";

const MEMBERS = ["db-0", "db-1", "db-2"];
/** The first member takes the writes. */
const WRITER = "db-0";
const CLIENT = "web-0";
const FOLDER = "/root/sysbench";
const TABLES = { tables: 4, "table-size": 25_000 };
const THREADS = 8;
const SECONDS = 20;

/** What one way to the writer carries. */
interface Way {
    name: string;
    host: string;
    port: number;
    transactions: number[];
    /** Milliseconds within which 95 of 100 transactions were through. */
    p95: number[];
}

/** `npm run bench -- sysbench`: what the endpoint costs, and what memory a member takes. */
export async function benchSysbench(rounds: number): Promise<void> {
    const db = await deployDatabase("bench-sysbench", "examples/galera-cluster");
    try {
        const idle = await memory(db);
        const { host, port } = db.connection;
        const ways: Way[] = [
            { name: "direct to the member", host: WRITER, port: 3306, transactions: [], p95: [] },
            { name: "through the endpoint", host, port, transactions: [], p95: [] },
        ];
        await prepare(db);
        await sysbench(db, ways[0]!, "prepare");
        const loads: number[] = [];
        for (let round = 1; round <= rounds; round++) {
            // In turn, each first as often as the other: whatever else goes on hits both.
            for (const way of round % 2 ? ways : ways.toReversed()) {
                loads.push(loadavg()[0]!);
                const report = await sysbench(db, way, "run");
                way.transactions.push(numberIn(report, /transactions:.*\(([\d.]+) per sec/));
                way.p95.push(numberIn(report, /95th percentile:\s+([\d.]+)/));
                console.error(`${round} of ${rounds}: ${way.name}: ${way.transactions.at(-1)} a second`);
            }
        }
        reportBenchmark("A database through its endpoint", render(ways, idle, await memory(db), loads));
    } finally {
        await db.remove();
    }
}

/** Resident memory of MariaDB on each member in MB: now, and the most that it ever was. */
async function memory(db: DatabaseStack): Promise<{ now: number[]; most: number[] }> {
    const texts = await Promise.all(
        MEMBERS.map((member) => db.on(member, "cat /proc/$(pidof mariadbd)/status")),
    );
    const megabytes = (pattern: RegExp) => texts.map((text) => Math.round(numberIn(text, pattern) / 1024));
    return { now: megabytes(/VmRSS:\s+(\d+)/), most: megabytes(/VmHWM:\s+(\d+)/) };
}

function numberIn(text: string, pattern: RegExp): number {
    const found = pattern.exec(text)?.[1];
    if (found === undefined) throw new Error(`${pattern} is not in:\n${text}`);
    return Number(found);
}

/** sysbench takes the password from a file of its own. */
async function prepare(db: DatabaseStack): Promise<void> {
    const { user, schema } = db.connection;
    await db.on(
        CLIENT,
        "DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends sysbench",
    );
    await db.on(CLIENT, `mkdir -m 700 -p ${FOLDER}`);
    const options = {
        "db-driver": "mysql",
        "mysql-user": user,
        "mysql-db": schema,
        threads: THREADS,
        time: SECONDS,
    };
    const lines = Object.entries(options).map(([key, value]) => `${key}=${value}`);
    await db.on(
        CLIENT,
        `umask 077; { printf '%s\\n' ${lines.join(" ")}; echo "mysql-password=$(cat /root/password)"; } >${FOLDER}/config`,
    );
}

/** What a test takes for itself is read from no file. */
const ROWS = Object.entries(TABLES).map(([key, value]) => `--${key}=${value}`);

const sysbench = (db: DatabaseStack, { host, port }: Way, command: "prepare" | "run") =>
    db.on(
        CLIENT,
        `cd ${FOLDER} && sysbench --config-file=config --mysql-host=${host} --mysql-port=${port} ${ROWS.join(" ")} oltp_read_write ${command}`,
    );

type Memory = Awaited<ReturnType<typeof memory>>;

function render([direct, endpoint]: Way[], idle: Memory, after: Memory, loads: number[]): string {
    const rows = [direct!, endpoint!].map(({ name, transactions, p95 }) => {
        const [median, least, greatest] = spread(transactions).map((value) => value.toFixed(0));
        return `| ${name} | ${median} / ${least} / ${greatest} | ${spread(p95)[0].toFixed(1)} |`;
    });
    const ratio = spread(endpoint!.transactions)[0] / spread(direct!.transactions)[0];
    const most = Math.max(...after.most);
    return `Written by \`npm run bench -- sysbench\` on ${new Date().toISOString().slice(0, 10)}: examples/galera-cluster on the local cloud, members of 1 CPU and 1 GB, sysbench's \`oltp_read_write\` with ${THREADS} threads on ${TABLES.tables} tables of ${TABLES["table-size"]} rows from a web host, ${SECONDS} s each time, ${direct!.transactions.length} times each way in turn, over TLS. ${machine(loads)}

| way | transactions a second: median / min / max | 95 % within, ms |
|---|---|---|
${rows.join("\n")}

Through the endpoint ÷ direct: **${ratio.toFixed(2)}** (promise: 0.9 or more). MariaDB's resident memory: ${Math.max(...idle.now)} MB idle, ${most} MB at most under this load, on a host of 1 GB.
`;
}
