import type { Cluster } from "./cluster.ts";

/** What a member says of itself; which fields, its kind decides. */
export type MemberState = Record<string, unknown> & { process?: string };

/** What every member says, by name; null for one that does not answer. */
export type States = Record<string, MemberState | null>;

const [DONOR, SYNCED] = [2, 4];
const GALERA_STATES = ["undefined", "joining", "donor", "joined", "synced", "error"];

/** Why a member is not well, or nothing. */
export function problemOf(kind: Cluster["kind"], state: MemberState | null): string | undefined {
    if (!state) return "does not answer";
    if (kind === "replicated")
        return typeof state.problem === "string" && state.problem ? state.problem : undefined;
    if (state.process !== "running") return `MariaDB is ${state.process}`;
    if (!state.primary) return "not in the primary component";
    if (state.state !== DONOR && state.state !== SYNCED)
        return `not synced (${GALERA_STATES[Number(state.state)]})`;
    return undefined;
}

/** The member that takes writes: of a Galera cluster the first one that is well and not drained. */
export function writerOf({ kind, hosts }: Cluster, states: States): string | undefined {
    const names = hosts.map((host) => host.name);
    if (kind === "replicated") return names.find((name) => states[name]?.role === "primary");
    return names.find((name) => !problemOf(kind, states[name] ?? null) && !states[name]?.draining);
}

/** A row for each member, in the order of the cluster, the heads first. */
export function statesTable(cluster: Cluster, states: States): string[][] {
    const writer = writerOf(cluster, states);
    const rows = cluster.hosts.map(({ name }) => {
        const state = states[name] ?? null;
        const problem = problemOf(cluster.kind, state);
        const shown = cluster.kind === "galera" ? galeraCells(state) : replicatedCells(state);
        return [name, name === writer ? "writer" : "", ...shown, problem ?? "well"];
    });
    const heads = cluster.kind === "galera" ? ["process", "primary", "state", "seqno", "queue"] : REPLICATED;
    return [["member", "", ...heads, "health"], ...rows];
}

function galeraCells(state: MemberState | null): string[] {
    if (!state) return ["", "", "", "", ""];
    const { process, primary, state: number, seqno, queue } = state;
    const word = process === "running" ? GALERA_STATES[Number(number)] : "";
    return [process, primary ? "yes" : "no", word, seqno, queue].map((each) => String(each ?? ""));
}

/** As src/replicated/onhost/replicated_steps.py tells them. */
const REPLICATED = ["role", "epoch", "gtid", "io", "sql", "lag"];

const replicatedCells = (state: MemberState | null) =>
    REPLICATED.map((field) => String(state?.[field] ?? ""));

/** What a person should know though the member is well: rows that only it had. */
export const remarks = (states: States): string[] =>
    Object.entries(states)
        .filter(([, state]) => state?.errant)
        .map(([name, state]) => `${name}: ${state!.errant}`);

/** Rows as lines, each column as wide as its widest cell. */
export function rendered(rows: string[][]): string {
    const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
    return rows
        .map((row) =>
            row
                .map((cell, i) => cell.padEnd(widths[i]!))
                .join("  ")
                .trimEnd(),
        )
        .join("\n");
}
