import { type Progress, progressOf, readLine } from "../engineLines.ts";

/** Follows an `up` line by line, and tells what becomes of each host. */
export interface HostProgress {
    /** What a line leaves to be shown for good: a host that is done, or what the engine says beside its rows. */
    take(line: string): string[];
    /** How far it is, for a live line. */
    now(): string;
    /** What is left to be shown when the engine has ended. */
    rest(): string[];
    /** The engine's own count: "70 created". */
    summary(): string;
}

/** Everything that is done to one host, or by a component that is on several. */
interface Group {
    planned: Set<string>;
    done: Set<string>;
    /** Seconds by what they were spent on. */
    spent: Map<string, number>;
    failed?: string;
    shown: boolean;
}

const DROPLET = "digitalocean:index:Droplet";
const COMMAND = "command:remote:Command";

/** Of the hosts that are there already, an `up` may show no more than what it changes on them. */
export function hostProgress(present: string[] = []): HostProgress {
    const hosts = new Set(present);
    const groups = new Map<string, Group>();
    const underWay = new Map<string, { owner: string; doing: string }>();
    const planned = new Set<string>();
    const done = new Set<string>();
    let phase: "start" | "preview" | "update" = "start";
    let section = "";
    let counts: string[] = [];

    function groupOf(name: string): Group {
        const known = groups.get(name) ?? {
            planned: new Set(),
            done: new Set(),
            spent: new Map(),
            shown: false,
        };
        groups.set(name, known);
        return known;
    }

    function plan(type: string, name: string): void {
        const id = `${type} ${name}`;
        planned.add(id);
        if (type === DROPLET) hosts.add(name);
        const owner = ownerOf(type, name, hosts);
        if (owner !== undefined) groupOf(owner).planned.add(id);
    }

    function advance(type: string, name: string, progress: Progress): string[] {
        const id = `${type} ${name}`;
        const owner = ownerOf(type, name, hosts);
        if (progress.state === "begun") {
            underWay.set(id, { owner: owner ?? name, doing: doing(type, name, progress.verb) });
            return [];
        }
        underWay.delete(id);
        if (progress.state === "done") done.add(id);
        if (owner === undefined) return [];
        const group = groupOf(owner);
        if (progress.state === "failed") {
            group.failed = `${name}: ${progress.verb}`;
            return [];
        }
        group.done.add(id);
        const what = did(type, name, progress.verb);
        group.spent.set(what, (group.spent.get(what) ?? 0) + progress.seconds);
        return isComplete(group) ? shown(owner, group) : [];
    }

    function shown(owner: string, group: Group): string[] {
        group.shown = true;
        const spent = [...group.spent].map(([what, seconds]) => `${what} ${Math.round(seconds)} s`);
        const told = [...spent, ...(group.failed === undefined ? [] : [group.failed])];
        return told.length > 0 ? [`  ${owner}: ${told.join(", ")}`] : [];
    }

    return {
        take(line) {
            const read = readLine(line);
            if (read.kind === "phase") {
                phase = read.phase;
                section = "";
                return [];
            }
            if (read.kind === "section") {
                section = read.title;
                if (section === "Resources") counts = [];
                return section === "Diagnostics" ? [line] : [];
            }
            if (section === "Diagnostics") return [line];
            if (section === "Resources" && line.trim() !== "") counts.push(line.trim());
            if (section !== "" && section !== "Duration") return [];
            if (read.kind === "other") return [line];
            if (read.kind !== "step" || isOutline(read.type)) return [];
            if (phase === "preview") {
                if (read.text !== "") plan(read.type, read.name);
                return [];
            }
            const progress = progressOf(read.text);
            return progress ? advance(read.type, read.name, progress) : [];
        },
        now() {
            if (phase !== "update") return phase === "preview" ? "looking what there is to do" : "";
            const all = Math.max(planned.size, done.size);
            if (all === 0) return "looking whether everything is as it should be";
            return [`${done.size} of ${all}`, ...together(underWay.values())].join("  ");
        },
        rest: () =>
            [...groups].filter(([, { shown }]) => !shown).flatMap(([owner, group]) => shown(owner, group)),
        summary: () => (phase === "update" ? counts.join(", ") : ""),
    };
}

/** The stack and the components, which are done when all of theirs is. */
const isOutline = (type: string) => /^(pulumi|evenkeel):/.test(type);

const isComplete = ({ planned, done, shown }: Group) =>
    !shown && planned.size > 0 && [...planned].every((id) => done.has(id));

/** The host of a resource; of what a component has on hosts of another one, the component. */
function ownerOf(type: string, name: string, hosts: Set<string>): string | undefined {
    if (type === DROPLET) return name;
    if (type !== COMMAND) return undefined;
    const own = [...hosts].find((each) => name.startsWith(`${each}-`));
    if (own !== undefined) return own;
    const other = [...hosts].find((each) => name.includes(`-${each}-`));
    return other === undefined ? name.replace(/-\w+$/, "") : name.slice(0, name.indexOf(`-${other}-`));
}

/** "installing web-0, web-1": who does the same stands in one list. */
function together(underWay: Iterable<{ owner: string; doing: string }>): string[] {
    const lists = new Map<string, Set<string>>();
    for (const { owner, doing } of underWay) lists.set(doing, (lists.get(doing) ?? new Set()).add(owner));
    return [...lists].map(([doing, owners]) => `${doing} ${[...owners].join(", ")}`);
}

function did(type: string, name: string, verb: string): string {
    if (type === DROPLET || verb === "deleted") return verb;
    return name.endsWith("-install") ? "installed" : "configured";
}

function doing(type: string, name: string, verb: string): string {
    if (type !== COMMAND || verb === "deleting") return verb;
    return name.endsWith("-install") ? "installing" : "configuring";
}
