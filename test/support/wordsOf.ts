import { spawnSync } from "node:child_process";

const VERBS = [
    ...[
        "role",
        "packages",
        "programs",
        "file",
        "template",
        "secret",
        "content",
        "common",
        "claims",
        "state",
        "account",
        "alternatives",
        "dropin",
        "reports",
    ],
    ...[
        "drain",
        "resume",
        "leave",
        "check",
        "service",
        "firewall",
        "healthy",
        "swap",
        "tells",
        "text",
        "apply",
    ],
];

/** In place of the library: each verb tells its words and what it was handed, and nothing else can be run. */
const HARNESS = `
.() { :; }
command_not_found_handle() { printf 'ran %q\\n' "$*" >&2; }
tell() { printf '%s\\0' "$@"; }
told() { local given; IFS= read -r -d '' given; tell "$@" "$given"; }
common() { tell common; "$@"; }
${["content", "site-gate", "sync-wait", "sync-volume"].map((name) => `/usr/local/lib/evenkeel/${name}() { tell ${name} "$@"; }`).join("\n")}
${VERBS.filter((verb) => verb !== "common")
    .map(
        (verb) =>
            `${verb}() { ${["file", "template", "firewall", "dropin", "text"].includes(verb) ? "told" : "tell"} ${verb} "$@"; }`,
    )
    .join("\n")}
`;

/** The words of a role's text, as a host's shell would understand them; throws if anything else would be run. */
export function wordsOf(text: string): string[] {
    const { status, stdout, stderr } = spawnSync(
        "/bin/bash",
        ["--norc", "--restricted", "-c", `${HARNESS}\n${text}`],
        {
            encoding: "utf8",
            env: { PATH: "" },
        },
    );
    if (status !== 0 || stderr !== "") throw new Error(`ended with ${status}: ${stderr}\n${text}`);
    return stdout.split("\0");
}
