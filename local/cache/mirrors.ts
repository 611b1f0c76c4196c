import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A Debian archive and the suites of the hosts' release that it holds. */
export interface Mirror {
    uri: string;
    suites: string[];
}

const RELEASE = "bookworm";
const SUITES = [RELEASE, `${RELEASE}-updates`, `${RELEASE}-security`];
const STANDARD: Mirror[] = [
    { uri: "http://deb.debian.org/debian", suites: SUITES.slice(0, 2) },
    { uri: "http://deb.debian.org/debian-security", suites: SUITES.slice(2) },
];

/** The machine's own Debian mirrors when it runs the hosts' release, the standard ones otherwise. */
export function machineMirrors(directory = "/etc/apt"): Mirror[] {
    const parts = join(directory, "sources.list.d");
    const files = [
        join(directory, "sources.list"),
        ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : []),
    ].filter((file) => existsSync(file));
    const found = files.flatMap((file) => {
        const text = readFileSync(file, "utf8");
        return file.endsWith(".sources")
            ? parseStanzas(text)
            : file.endsWith(".list")
              ? parseLines(text)
              : [];
    });
    return found.some(({ suites }) => suites.includes(RELEASE)) ? merge(found) : STANDARD;
}

/** The one-line format: deb [options] uri suite component... */
export function parseLines(text: string): Mirror[] {
    return text.split("\n").flatMap((line) => {
        const match = /^deb\s+(?:\[[^\]]*\]\s+)?(https?:\S+)\s+(\S+)\s+(.*)$/.exec(line.trim());
        return match ? usable([match[1]!], [match[2]!], match[3]!.split(/\s+/)) : [];
    });
}

/** The deb822 format: stanzas of fields. */
export function parseStanzas(text: string): Mirror[] {
    const withoutComments = text.replaceAll(/^#.*\n/gm, "");
    return withoutComments.split(/\n\s*\n/).flatMap((stanza) => {
        const field = (name: string) =>
            new RegExp(`^${name}:(.*(?:\\n[ \\t].*)*)`, "im").exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
        if (!field("Types").includes("deb") || field("Enabled")[0] === "no") return [];
        return usable(field("URIs"), field("Suites"), field("Components"));
    });
}

function usable(uris: string[], suites: string[], components: string[]): Mirror[] {
    const known = suites.filter((suite) => SUITES.includes(suite));
    if (known.length === 0 || !components.includes("main")) return [];
    return uris
        .filter((uri) => /^https?:/.test(uri))
        .map((uri) => ({ uri: uri.replace(/\/+$/, ""), suites: known }));
}

function merge(mirrors: Mirror[]): Mirror[] {
    const suites = new Map<string, Set<string>>();
    for (const mirror of mirrors) {
        suites.set(mirror.uri, new Set([...(suites.get(mirror.uri) ?? []), ...mirror.suites]));
    }
    return [...suites].map(([uri, of]) => ({ uri, suites: [...of] }));
}

/** What a host asks for: always plain http, so that the cache sees what it is. */
export const hostUri = (mirror: Mirror) => mirror.uri.replace(/^https:/, "http:");

export function sourcesList(mirrors: Mirror[]): string {
    const lines = mirrors.flatMap((mirror) =>
        mirror.suites.map((suite) => `deb ${hostUri(mirror)} ${suite} main`),
    );
    return `${lines.join("\n")}\n`;
}
