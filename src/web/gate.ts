import { roleName, word } from "../hosts/roleText.ts";
import type { Gate } from "./args.ts";
import type { EngineName } from "./engine.ts";
import { engineOf } from "./engines.ts";

/** What watches a host that has got something new. */
export const gatePrograms = [
    "web/site-gate",
    "web/gate_judge.py",
    "web/gate_report.py",
    "web/gate_steps.py",
    "web/gate_trial.py",
    "web/gate_watch.py",
];

/** Debian's logrotate sees to it as to the daemon's other ones. */
export const gateLog = (pool: string, engine: EngineName | undefined) =>
    `${engineOf(engine).logs}/evenkeel-${pool}-gate.log`;

/** A host whose group is behind a gate. */
export interface Gated {
    pool: string;
    engine: EngineName | undefined;
    host: string;
    gate: Gate;
    group: string;
    /** Names of the group's hosts, in the order in which they are switched. */
    hosts: string[];
    /** The checksum of what the site's role is made of. */
    settings: string;
    port: number;
    healthPath: string;
    /** Where PHP is asked, if the site has any. */
    phpSocket: string | undefined;
}

/** In seconds: what a host of a group may take beside the watching, with a daemon that is slow to take its settings. */
const EACH_HOST_S = 60;

/** What a host runs: `publish` for its turn, `keep` when all of its group have had theirs. */
export function gateCommand(verb: "publish" | "keep", gated: Gated): string {
    const { pool, engine, host, group, hosts, settings, port, healthPath, phpSocket } = gated;
    const { errors = 1, latency, seconds = 30, requests = 20 } = gated.gate;
    // The first one waits for the others, which are watched all at once.
    const lease = hosts.length > 1 ? 2 * seconds + EACH_HOST_S * hosts.length : undefined;
    const limits = { errors, latency, seconds, requests };
    const rows = [
        { group, hosts: hosts.join(","), settings },
        limits,
        { health: `http://${host}:${port}${healthPath}`, log: gateLog(pool, engine), php: phpSocket },
        { lease },
    ].map((row) =>
        Object.entries(row)
            .filter(([, value]) => value !== undefined)
            .map(([name, value]) => `--${name} ${word(String(value))}`)
            .join(" "),
    );
    const words = ["/usr/local/lib/evenkeel/site-gate", verb, roleName(pool, "content"), host];
    return [words.join(" "), ...rows.filter((row) => row !== "")].join(" \\\n    ");
}
