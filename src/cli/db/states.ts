import type { Cluster } from "./cluster.ts";

/** What a member says of itself; which fields, its kind decides. */
export type MemberState = Record<string, unknown> & { process?: string; problem?: string };

/** What every member says, by name; null for one that does not answer. */
export type States = Record<string, MemberState | null>;

const GALERA_STATES = ["undefined", "joining", "donor", "joined", "synced", "error"];

/** Why a member is not well, as it says itself, or nothing. */
export const problemOf = (state: MemberState | null): string | undefined =>
    state ? state.problem || undefined : "does not answer";

/** The member that takes writes, as it says itself. */
export function writerOf({ kind, hosts }: Cluster, states: States): string | undefined {
    const names = hosts.map((host) => host.name);
    if (kind === "replicated") return names.find((name) => states[name]?.role === "primary");
    return names.find((name) => !problemOf(states[name] ?? null) && states[name]?.writer === name);
}

interface VoterSet {
    names: string[];
    epoch: number;
    version: number;
}

/** Who votes in a replicated cluster, as the newest set tells that any member knows; nobody where none answers. */
export function votersOf(states: States): string[] {
    const sets = Object.values(states).flatMap((state) => (state?.voters as VoterSet | undefined) ?? []);
    const newer = (one: VoterSet, other: VoterSet) => other.epoch - one.epoch || other.version - one.version;
    return sets.toSorted(newer)[0]?.names ?? [];
}

/** A row for each member, in the order of the cluster, the heads first. */
export function statesTable(cluster: Cluster, states: States): string[][] {
    const writer = writerOf(cluster, states);
    const voters = votersOf(states);
    const rows = cluster.hosts.map(({ name }) => {
        const state = states[name] ?? null;
        const problem = problemOf(state);
        const votes = voters.includes(name) ? "yes" : "no";
        const shown = cluster.kind === "galera" ? galeraCells(state) : [votes, ...replicatedCells(state)];
        return [name, name === writer ? "writer" : "", ...shown, problem ?? "well"];
    });
    const heads =
        cluster.kind === "galera"
            ? ["process", "primary", "state", "seqno", "queue"]
            : ["votes", ...REPLICATED];
    return [["member", "", ...heads, "health"], ...rows];
}

function galeraCells(state: MemberState | null): string[] {
    if (!state) return ["", "", "", "", ""];
    const { process, primary, state: number, seqno, queue } = state;
    const word = process === "running" ? GALERA_STATES[Number(number)] : "";
    return [process, primary ? "yes" : "no", word, seqno, queue].map((each) => String(each ?? ""));
}

/** As src/replicated/onhost/replicated_status.py tells them. */
const REPLICATED = ["role", "epoch", "gtid", "io", "sql", "lag"];

const replicatedCells = (state: MemberState | null) =>
    REPLICATED.map((field) => String(state?.[field] ?? ""));

/** What a person should know though the member is well: rows that only it had. */
export const remarks = (states: States): string[] =>
    Object.entries(states)
        .filter(([, state]) => state?.errant)
        .map(([name, state]) => `${name}: ${state!.errant}`);
