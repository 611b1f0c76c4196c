import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { connection as connectionArguments } from "./arguments.ts";
import type { Host, HostConnection } from "./host.ts";
import { machineOf, noteReached } from "./inventory.ts";
import { hostAddress, hostName } from "./names.ts";
import { childName, retireText, roleName, roleText, type Step, withinArgument } from "./roleText.ts";
import { type Problem, refuseLate, when } from "./validation.ts";

/** What a role's text refers to by name and its host learns through stdin. */
export interface RoleInput {
    /** Hosts that the text names; they end up in the host's /etc/hosts. */
    hosts?: Pick<Host, "name" | "privateAddress">[];
    /** Values by name. One secret among them makes the whole input a secret. */
    values?: Record<string, pulumi.Input<string>>;
    /** Bytes in base64 by their SHA-256. */
    blobs?: Record<string, string>;
}

/** One component's part of what a host does. */
export interface Role extends RoleInput {
    /** The component's name. */
    component: string;
    /** What kind of part it is, such as "balancer"; a component has at most one of a kind on a host. */
    kind: string;
    steps: pulumi.Input<Step[]>;
}

/**
 * Every dial error is retried, a wrong key too. A host that is being created boots for a while: about four minutes. One that
 * was there before is given half a minute, or it is gone for good, and holds up the rest.
 */
export const DIAL_ERROR_LIMIT = { created: 60, given: 15 };
/** In seconds; a host that does not answer at all takes this long for each attempt. */
const PER_DIAL_TIMEOUT_S = 15;

type Reachable = Pick<Host, "connection" | "name">;

/**
 * Applies a role on a host; does so again, in place, when its text, its input or the connection changes. When it leaves
 * the program and the host lives on, the host retires it.
 */
export function applyRole(
    host: Reachable,
    { component, kind, steps, ...input }: Role,
    opts: pulumi.CustomResourceOptions,
): command.remote.Command {
    const role = roleName(component, kind);
    const text = pulumi.output(steps).apply((settled) => roleText(role, host.name, settled));
    return runOnHost(childName(component, host.name, kind), host, { role, text, input }, opts);
}

/** A role's text on a host. */
export function runOnHost(
    name: string,
    host: Reachable,
    { role, text, input }: { role: string; text: pulumi.Input<string>; input: RoleInput },
    opts: pulumi.CustomResourceOptions,
): command.remote.Command {
    const stdin = pulumi.output(withoutConnections(input)).apply(renderInput);
    return commandOnHost(name, host, { create: text, delete: retireText(role, host.name), stdin }, opts);
}

/** A command on a host. With a host that is deleted itself, `delete` is not run first. */
export function commandOnHost(
    name: string,
    host: Reachable,
    {
        create,
        stdin,
        ...inputs
    }: { create: pulumi.Input<string>; delete?: string; stdin: pulumi.Input<string> },
    opts: pulumi.CustomResourceOptions,
): command.remote.Command {
    const machine = machineOf(host.name);
    noteReached(host.name);
    return new command.remote.Command(
        name,
        {
            ...inputs,
            create: pulumi.output(create).apply((settled) => withinArgument(name, settled)),
            // Another host under the same name and addresses has to be told everything anew.
            stdin: machine ? pulumi.interpolate`${stdin}machine ${machine.id}\n` : stdin,
            connection: reached(host),
            // Progress lines only; errors come with the failure, and nothing secret is ever printed.
            logging: command.remote.Logging.Stdout,
            addPreviousOutputInEnv: false,
        },
        pulumi.mergeOptions(opts, machine ? { deletedWith: machine.resource } : {}),
    );
}

/** How a host is reached, settled to the last detail. */
export function reached(host: Reachable) {
    const limit = machineOf(host.name) ? DIAL_ERROR_LIMIT.created : DIAL_ERROR_LIMIT.given;
    return pulumi.output(host.connection).apply((known) => settledConnection(host.name, known, limit));
}

/** Left out, they would be what the plugin's version takes, and another value runs every role again. */
export function settledConnection(
    name: string,
    connection: pulumi.Unwrap<HostConnection>,
    dialErrorLimit: number,
) {
    refuseLate("Host", name, connectionArguments("connection", connection));
    return {
        ...connection,
        privateKey: pulumi.secret(connection.privateKey),
        port: connection.port ?? 22,
        user: connection.user ?? "root",
        dialErrorLimit: connection.dialErrorLimit ?? dialErrorLimit,
        perDialTimeout: PER_DIAL_TIMEOUT_S,
    };
}

/** Hosts carry their SSH keys, which would make the whole input a secret. */
function withoutConnections({ hosts = [], ...input }: RoleInput): RoleInput {
    return { ...input, hosts: hosts.map(({ name, privateAddress }) => ({ name, privateAddress })) };
}

/** The lines that onhost/role.bash reads: `host NAME ADDRESS`, `value NAME BASE64`, `machine ID`, `end`. */
export function renderInput({ hosts = [], values = {}, blobs = {} }: pulumi.Unwrap<RoleInput>): string {
    const lines = [
        ...hosts.map(({ name, privateAddress }) => {
            refuseLate("Host", name, addressProblems(name, privateAddress, hosts));
            return `host ${name} ${privateAddress}`;
        }),
        ...Object.entries(values).map(
            ([name, value]) => `value ${name} ${Buffer.from(value).toString("base64")}`,
        ),
        ...Object.entries(blobs).map(([sha256, base64]) => `value ${sha256} ${base64}`),
    ];
    return [...new Set(lines.sort()), "end", ""].join("\n");
}

/** Of an output that came from elsewhere, such as another stack's, only now shows what it holds. */
function addressProblems(
    name: string,
    address: string,
    hosts: pulumi.Unwrap<RoleInput["hosts"]> = [],
): Problem[] {
    const same = hosts.find((each) => each.privateAddress === address && each.name !== name);
    const other = hosts.find((each) => each.name === name && each.privateAddress !== address);
    return [
        ...hostName("name", name),
        ...hostAddress("privateAddress", address),
        ...when(!!same, "privateAddress", `"${address}" is that of "${same?.name}", too`),
        ...when(
            !!other,
            "privateAddress",
            `is "${address}", and "${other?.privateAddress}" elsewhere in the program`,
        ),
    ];
}
