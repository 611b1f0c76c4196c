import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host.ts";

/** What a role's text refers to by name and its host learns through stdin. */
export interface RoleInput {
    /** Hosts that the text names; they end up in the host's /etc/hosts. */
    hosts?: Pick<Host, "name" | "privateAddress">[];
    /** Values by name. One secret among them makes the whole input a secret. */
    values?: Record<string, pulumi.Input<string>>;
    /** Bytes in base64 by their SHA-256. */
    blobs?: Record<string, string>;
    /** What a host runs that has the role no more, and lives on. @default nothing */
    retire?: string;
}

/** Every dial error is retried, a wrong key too; this many attempts are about four minutes, enough for a host that boots. */
const DIAL_ERROR_LIMIT = 60;
/** In seconds; a host that does not answer at all takes this long for each attempt. */
const PER_DIAL_TIMEOUT_S = 15;

/** Runs a role's text on a host; runs it again, in place, when the text, the input or the connection changes. */
export function applyRole(
    name: string,
    host: Pick<Host, "connection" | "name">,
    text: pulumi.Input<string>,
    input: RoleInput,
    opts: pulumi.CustomResourceOptions,
): command.remote.Command {
    return new command.remote.Command(
        name,
        {
            connection: pulumi.output(host.connection).apply((connection) => ({
                ...connection,
                privateKey: pulumi.secret(connection.privateKey),
                // Left out, they would be what the plugin's version takes, and another value runs every role again.
                port: connection.port ?? 22,
                user: connection.user ?? "root",
                dialErrorLimit: connection.dialErrorLimit ?? DIAL_ERROR_LIMIT,
                perDialTimeout: PER_DIAL_TIMEOUT_S,
            })),
            create: text,
            // On another host it is another command: the former host is told that its role has ended.
            ...(input.retire === undefined ? {} : { delete: input.retire, triggers: [host.name] }),
            stdin: pulumi.output(withoutConnections(input)).apply(renderInput),
            // Progress lines only; errors come with the failure, and nothing secret is ever printed.
            logging: command.remote.Logging.Stdout,
            addPreviousOutputInEnv: false,
        },
        opts,
    );
}

/** Hosts carry their SSH keys, which would make the whole input a secret. */
function withoutConnections({ hosts = [], values = {}, blobs = {} }: RoleInput): RoleInput {
    return { values, blobs, hosts: hosts.map(({ name, privateAddress }) => ({ name, privateAddress })) };
}

/** The lines that onhost/role.bash reads: `host NAME ADDRESS`, `value NAME BASE64`, `end`. */
export function renderInput({ hosts = [], values = {}, blobs = {} }: pulumi.Unwrap<RoleInput>): string {
    const lines = [
        ...hosts.map(({ name, privateAddress }) => {
            // An output that came from elsewhere, such as another stack's, shows only now that it holds nothing.
            if (!name || !privateAddress)
                throw new pulumi.RunError(
                    `host "${name ?? ""}" has no private address: other hosts cannot reach it`,
                );
            return `host ${name} ${privateAddress}`;
        }),
        ...Object.entries(values).map(
            ([name, value]) => `value ${name} ${Buffer.from(value).toString("base64")}`,
        ),
        ...Object.entries(blobs).map(([sha256, base64]) => `value ${sha256} ${base64}`),
    ];
    return [...new Set(lines.sort()), "end", ""].join("\n");
}
