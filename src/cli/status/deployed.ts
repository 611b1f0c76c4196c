import { createHash } from "node:crypto";
import type { KnownHost } from "../ssh.ts";
import type { State } from "../stack.ts";

/** A host of a stack, and what the stack has applied there: the SHA-256 of each role's text. */
export interface DeployedHost extends KnownHost {
    roles: Record<string, string>;
}

/**
 * The hosts of a stack, by name, whatever its program exports: each role on a host is one command of the engine's state,
 * which holds the connection, and whose text says `role NAME HOST`.
 */
export function deployedHosts({ deployment }: State): DeployedHost[] {
    const hosts = new Map<string, DeployedHost>();
    for (const { type, delete: isLeaving, inputs } of deployment.resources ?? []) {
        if (type !== "command:remote:Command" || isLeaving) continue;
        const { create, connection } = plain(inputs) as { create?: string; connection?: Connection };
        const [, role, name] = (create && isOurs.test(create) && roleLine.exec(create)) || [];
        if (!create || !connection || !role || !name) continue;
        const host = hosts.get(name) ?? { name, connection, roles: {} };
        host.roles[role] = createHash("sha256").update(create).digest("hex");
        hosts.set(name, host);
    }
    const inOrder = new Intl.Collator("en", { numeric: true });
    return [...hosts.values()].sort((one, other) => inOrder.compare(one.name, other.name));
}

type Connection = KnownHost["connection"];

const isOurs = /^\. \/usr\/local\/lib\/evenkeel\/role\.bash$/m;
/** The library's own line comes before any file's. */
const roleLine = /^role '?([^\s']+)'? '?([^\s']+)'?/m;

/** How the engine marks a secret in a state that is shown in plain: its value is JSON once more. */
const SECRET = "4dabf18193072939515e22adb298388d";

function plain(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object") return value;
    if (SECRET in value && "plaintext" in value) return plain(JSON.parse(String(value.plaintext)));
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
