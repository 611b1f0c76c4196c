import { VOTERS } from "../../replicated/role.ts";
import { type KnownHost, run, Unreachable } from "../ssh.ts";
import { Unable } from "../unable.ts";
import {
    backupProgram,
    type Cluster,
    checked,
    hostNamed,
    memberProgram,
    runAloud,
    runOnAny,
    word,
} from "./cluster.ts";
import { type States, votersOf } from "./states.ts";

export interface RestoreOptions {
    /** A backup by name. @default the newest */
    name?: string;
    until?: string;
    confirm?: string;
    /** The host that begins. @default the first one that can */
    on?: string;
    /** Hosts that are gone and stay out of it. */
    without?: string[];
}

/** Brings a cluster back to a backup: one host begins anew with it, and the others copy its rows. */
export async function restore(cluster: Cluster, options: RestoreOptions): Promise<void> {
    const { name, until, confirm, without = [] } = options;
    if (confirm !== cluster.name) {
        throw new Unable(
            `A restore replaces all rows of the cluster ${cluster.name}, on all of its hosts.\n` +
                `If that is meant: --confirm ${cluster.name}`,
        );
    }
    const left = new Set(without.map((each) => hostNamed(cluster, each)));
    const hosts = cluster.hosts.filter((host) => !left.has(host));
    const wished = options.on === undefined ? undefined : hostNamed(cluster, options.on);
    if (hosts.length === 0 || (wished && left.has(wished)))
        throw new Unable("No host is left to begin with.");
    await allAnswer(hosts);
    const able = cluster.kind === "replicated" ? await voting(cluster, hosts) : hosts;
    const first = wished ?? able[0]!;
    if (!able.includes(first))
        throw new Unable(
            `${first.name} has no vote, and would not be elected: begin on ${able.map((host) => host.name).join(" or ")}.`,
        );
    const others = hosts.filter((host) => host !== first);

    const which = [...(name ? [word(name)] : []), ...(until ? ["--until", word(until)] : [])];
    const meant = ["--confirm", word(cluster.name)];
    const program = (host: KnownHost, ...words: string[]) =>
        runAloud(host, [backupProgram(cluster), ...words].join(" "));

    step(`${first.name} fetches the backup; the cluster serves on`);
    await program(first, "fetch", ...which);
    if (until) {
        step("the primary ships what was written last");
        for (const host of hosts) await program(host, "ship");
    }
    step("all members stop");
    try {
        await Promise.all(hosts.map((host) => program(host, "stop", ...meant)));
        step(`${first.name} begins with the backup`);
        await program(first, "restore", ...which, ...meant);
    } catch (error) {
        throw new Unable(
            `${(error as Error).message}\nThe members are stopped. To go on with the rows of before, on each host: ${backupProgram(cluster)} resume`,
        );
    }
    for (const host of others) {
        step(`${host.name} copies the rows`);
        await program(host, "follow", ...meant);
    }
    if (cluster.kind === "replicated") {
        step("a backup of the restored rows: to go back to a later time begins with it");
        await program(others.at(-1) ?? first, "now");
    }
    console.error(
        `The cluster ${cluster.name} is restored. The data of before are kept beside, on each host.`,
    );
    for (const { name: away } of left) {
        console.error(
            cluster.kind === "replicated"
                ? `When ${away} is back, it copies the rows by itself.`
                : `When ${away} is back: database-backup follow ${meant.join(" ")}`,
        );
    }
}

/** Of these hosts those that vote: the restored one is elected by a majority, itself among them. */
async function voting(cluster: Cluster, hosts: KnownHost[]): Promise<KnownHost[]> {
    const asked = await runOnAny({ hosts }, `${memberProgram(cluster)} status`);
    const voters = votersOf(JSON.parse(checked(asked.host, asked)) as States);
    // Of a cluster that has lost all of its hosts nobody knows any: then it begins anew.
    const names = voters.length > 0 ? voters : cluster.hosts.slice(0, VOTERS).map(({ name }) => name);
    const able = hosts.filter(({ name }) => names.includes(name));
    if (able.length * 2 > names.length) return able;
    throw new Unable(
        `A majority of ${names.join(", ")} elects a primary, and of these ${able.length} would be there.\n` +
            "Have one go on alone first, npx evenkeel db promote HOST --accept-loss, and let others join it: pulumi up.",
    );
}

/** Before anything is stopped: a host that is only out of sight would serve on. */
async function allAnswer(hosts: KnownHost[]): Promise<void> {
    const missing = await Promise.all(
        hosts.map(async (host) => {
            try {
                await run(host, "true");
                return [];
            } catch (error) {
                if (!(error instanceof Unreachable)) throw error;
                return [{ host, message: error.message }];
            }
        }),
    );
    const all = missing.flat();
    if (all.length === 0) return;
    const names = all.map(({ host }) => host.name);
    throw new Unable(
        `${all.map(({ message }) => message).join("\n")}\nNothing was stopped. If it is gone for good: ` +
            names.map((each) => `--without ${each}`).join(" "),
    );
}

const step = (text: string) => console.error(`== ${text}`);
