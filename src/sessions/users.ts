import { createHash } from "node:crypto";

/** What stores call themselves among each other. */
export const STORE_USER = "store";

/** Each with its password: the stores among each other, and the PHP of each pool by its name. */
export type StoreUsers = Record<string, string>;

const COMMANDS = ["del", "eval", "get", "hget", "hmget", "hset", "pexpire"];
const PHP_COMMANDS = [...COMMANDS, "client|list", "client|setname", "set"];
const STORE_COMMANDS = [...COMMANDS, "info", "ping", "pttl", "scan", "set"];

/** Nobody can be it; but what Redis reads from its own file when it starts, it does as this user, and skips what that may not. */
const DEFAULT_USER = "user default off resetpass ~* &* +@all";

/** The users that a store knows, as Redis 7 reads them: the PHP of a pool sees sessions of its own alone. */
export const storeUsers = (users: StoreUsers): string =>
    [DEFAULT_USER, ...Object.entries(users).map(([name, password]) => user(name, password)), ""].join("\n");

function user(name: string, password: string): string {
    const isStore = name === STORE_USER;
    const keys = isStore ? ["session:*", "missed:*"] : [`session:${name}:*`, `lock:${name}:*`, "missed:*"];
    const commands = isStore ? STORE_COMMANDS : PHP_COMMANDS;
    const hash = createHash("sha256").update(password).digest("hex");
    return [
        `user ${name} on #${hash} resetchannels`,
        ...keys.map((key) => `~${key}`),
        "-@all",
        ...commands.map((command) => `+${command}`),
    ].join(" ");
}
