import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** A program that lives on the hosts: a file of a service's onhost/. */
export interface Program {
    name: string;
    sha256: string;
    base64: string;
}

/** The role library: what every role's text is written in, and what tells of the roles of a host. */
export const library = [
    "hosts/role.bash",
    "hosts/apply.bash",
    "hosts/handover.bash",
    "hosts/ownership.bash",
    "hosts/records.bash",
    "hosts/packages.bash",
    "hosts/accounts.bash",
    "hosts/retire",
    "hosts/host-status",
    "hosts/host-status.jq",
    "hosts/pending-restarts",
    "hosts/planned-work",
];

/** Packages of the library's own: none of them is on every Debian. */
export const libraryPackages = ["jq", "openssl"];

/** What the baseline has a host run beside it. */
export const baselinePrograms = ["hosts/tracked-connections"];

/** The text of a file of a service's onhost/, as SERVICE/FILE. */
export function onHost(path: string): string {
    const [service, name] = path.split("/");
    return readFileSync(new URL(`../${service}/onhost/${name}`, import.meta.url), "utf8");
}

/** Those that are for people too, who find them by their names alone. */
const COMMANDS = ["acme-certificates", "database-backup", "galera-member", "replicated-member", "web-app"];

/** On the hosts all programs lie in one folder. */
export function program(path: string): Program {
    const text = onHost(path);
    return {
        name: basename(path),
        sha256: createHash("sha256").update(text).digest("hex"),
        base64: Buffer.from(text).toString("base64"),
    };
}

/**
 * The first lines that a host runs: they place programs from stdin, before there is a library to do it with.
 * A reviewer sees which programs change by their checksums.
 */
export function placePrograms(host: string, programs: Program[]): string {
    const commands = programs.map(({ name }) => name).filter((name) => COMMANDS.includes(name));
    return `input=$(mktemp /run/evenkeel.XXXXXX) && cat >"$input"
place() {
    local path=/usr/local/lib/evenkeel/$3 new
    # Several components place their programs at once.
    mkdir -p "\${path%/*}" && new=$(mktemp "$path.XXXXXX") &&
        awk -v name="$2" '$1 == "value" && $2 == name { print $3 }' "$input" | base64 -d >"$new" &&
        echo "$2  $new" | sha256sum --quiet -c && chmod "$1" "$new" && mv "$new" "$path" ||
        { rm -f "$new"; echo "evenkeel: ${host}: $path could not be written" >&2; exit 1; }
}
${programs.map(({ name, sha256 }) => `place ${/\.(bash|jq|php|py)$/.test(name) ? 644 : 755} ${sha256} ${name}`).join("\n")}
${commands.map((name) => `${link(name)}\n`).join("")}`;
}

/** What somebody else has put there stays; the programs themselves are run by their paths. */
const link = (name: string) =>
    `[[ -e /usr/local/sbin/${name} ]] || ln -sf /usr/local/lib/evenkeel/${name} /usr/local/sbin/`;
