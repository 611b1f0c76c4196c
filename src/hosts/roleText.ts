import { RunError } from "@pulumi/pulumi";
import { accountNumber } from "./accounts.ts";

/** One file of a role: its path on the host and its text, in full. */
export interface RoleFile {
    path: string;
    text: string;
    /** Octal mode. @default "644" */
    mode?: string;
    /** @default "root:root" */
    owner?: string;
    /** Whether `{{address HOST}}`, `{{interface HOST}}`, `{{value NAME}}`, `{{memory PERCENT}}`, `{{megabytes PERCENT/STEP}}` and `{{anchor}}` are filled in on the host. */
    template?: boolean;
}

/** One line, or one here-document, of a role's text. */
export type Step = string;

/** A role's name on its host: its component's and its kind. */
export const roleName = (component: string, kind: string): string => `${component}-${kind}`;

/**
 * The name of the resource that is a component's part on a host. Hosts that the component creates have its name already:
 * "web-0-web" is the web role of "web" on "web-0", "lb-web-0-balancer" the balancer role of "lb" on the same host.
 */
export function childName(component: string, host: string, kind: string): string {
    return host.startsWith(`${component}-`) ? `${host}-${kind}` : `${component}-${host}-${kind}`;
}

/** What a host runs that has a role no more, and lives on; one that was made anew meanwhile has nothing to retire. */
export function retireText(role: string, host: string): string {
    const program = "/usr/local/lib/evenkeel/retire";
    return `[ ! -e ${program} ] || ${program} ${word(role)} ${word(host)}`;
}

/**
 * The text that a host runs for a role, and that a reviewer reads. It is made of the verbs of onhost/role.bash.
 *
 * @param role name of the role, such as "lb-balancer"
 * @param host name of the host
 */
export function roleText(role: string, host: string, steps: Step[]): string {
    return [
        ". /usr/local/lib/evenkeel/role.bash",
        `role ${word(role)} ${word(host)}`,
        ...steps.filter((step) => step !== ""),
        "apply",
        "",
    ].join("\n");
}

/** In bytes: what Linux takes as one argument of a program, which is how SSH hands a text to the host's shell. */
const LONGEST_TEXT = 131_071;

/** The text of a resource, when a host can take it. */
export function withinArgument(name: string, text: string): string {
    const length = Buffer.byteLength(text);
    if (length <= LONGEST_TEXT) return text;
    throw new RunError(`the text of ${name} has ${length} bytes; a host takes at most ${LONGEST_TEXT}`);
}

export const packages = (names: string[]): Step => `packages ${names.map(word).join(" ")}`;

export function file({ path, text, mode, owner, template = false }: RoleFile): Step {
    const words = [template ? "template" : "file", path, ...attributes(mode, owner)].map(word).join(" ");
    return `\n${words} ${hereDocument(text)}`;
}

/** A file that every role of this kind has, in the same text: it goes with the last of them. */
export const common = (step: Step): Step => step.replace(/^(\n?)/, "$1common ");

/** What a host has one of, such as "tcp 127.0.0.1:3306": a second role that wants it is refused. */
export const claims = (things: string[]): Step => `claims ${things.map(word).join(" ")}`;

/** What the role's daemons and programs keep beside its files: it goes with the role. */
export const state = (...paths: string[]): Step => `state ${paths.map(word).join(" ")}`;

/** A system user without a password, for the role's programs and files; it goes with the role. */
export const account = (user: string, home: string): Step => `account ${word(user)} ${word(home)}`;

/** One that daemons run as, with the same number on each host where that is free; a user that is there already is used, and stays. */
export const daemonAccount = (user: string, home: string): Step =>
    `account --number ${accountNumber(user)} ${word(user)} ${word(home)}`;

/** What planned work on a host does first and last (onhost/planned-work): `traffic` is visitors', `data` are rows. */
export const drain = (what: "traffic" | "data", command: string): Step => `drain ${what} ${command}`;
export const resume = (what: "traffic" | "data", command: string): Step => `resume ${what} ${command}`;

/** A command that the host runs first when it retires the role, while all of its units run still. */
export const leave = (command: string): Step => `leave ${command}`;

/** A file whose content is the value `name` of the role's input; root's alone unless said otherwise. */
export const secret = (path: string, name: string, mode?: string, owner?: string): Step =>
    `secret ${[path, name, ...attributes(mode, owner)].map(word).join(" ")}`;

/** Files below a folder that are too many for a text (content/content.ts): what they are is the value `manifest` of the role's input. */
export const content = (root: string, comment?: string): Step =>
    `\n${comment === undefined ? "" : `# ${comment}\n`}content ${word(root)}`;

/** One of them that can be read in the text; byte for byte, with or without an end of its last line. */
export const text = (path: string, lines: string): Step =>
    `\ntext ${lines.endsWith("\n") ? "" : "-n "}${word(path)} ${hereDocument(lines)}`;

export const check = (path: string, command: string): Step => `check ${word(path)} ${command}`;

/** How a unit takes its new files: "start" is for what looks after them itself, and has to run alone. */
export type Method = "reload" | "restart" | "start";

/** Units that do the same, of which the role has one at a time: when it changes, the former one lets go before the other one starts. */
export const alternatives = (units: string[]): Step => `alternatives ${units.map(word).join(" ")}`;

export const service = (unit: string, method: Method): Step => `service ${word(unit)} ${method}`;

/** A line of the host's status: the last that the command prints. It fails when that is not well. */
export const reports = (what: string, command: string): Step => `reports ${word(what)} ${command}`;

/** What the command prints is told to whoever applies the role, when that changed something. */
export const tells = (command: string): Step => `tells ${command}`;

export const healthy = (what: string, command: string): Step => `healthy ${word(what)} ${command}`;

/** Rules for the host's input chain, in nftables' own words; hosts by name. */
export const firewall = (rules: string[]): Step =>
    rules.length === 0 ? "" : `\nfirewall ${hereDocument(`${rules.join("\n")}\n`)}`;

function attributes(mode: string | undefined, owner: string | undefined): string[] {
    if (owner !== undefined) return [mode ?? "644", owner];
    return mode === undefined ? [] : [mode];
}

/** Quotes a word for the shell where it needs it. */
export function word(text: string): string {
    return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export function hereDocument(text: string): string {
    const lines = text.split("\n");
    let end = "EOF";
    while (lines.includes(end)) end += "_";
    return `<<'${end}'\n${text.endsWith("\n") || text === "" ? text : `${text}\n`}${end}`;
}
