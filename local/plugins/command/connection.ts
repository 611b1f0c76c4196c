import { isObject, markSecret, type Props, secret, type Value } from "../kit/values.ts";

/** How to reach one host; the official plugin's names and defaults. */
export interface Endpoint {
    host: string;
    port: number;
    user: string;
    password?: string;
    privateKey?: string;
    privateKeyPassword?: string;
    agentSocketPath?: string;
    /** One line as in authorized_keys; without it any host key is taken. */
    hostKey?: string;
    dialErrorLimit: number;
    /** In seconds. */
    perDialTimeout: number;
}

export interface Connection extends Endpoint {
    proxy?: Endpoint;
}

const defaults: Props = { port: 22, user: "root", dialErrorLimit: 10, perDialTimeout: 15 };

const secrets = ["password", "privateKey", "privateKeyPassword"];

/**
 * The connection as the official plugin's Check returns it: what is not given filled in, the whole a secret, and so
 * are its own secrets within, without which that plugin would find a change and run every command again.
 */
export function sealed(connection: Value): Value {
    return secret(marked(withDefaults(connection)));
}

function marked(connection: Value): Value {
    if (!isObject(connection)) return connection;
    const own = markSecret(connection, secrets);
    return own.proxy === undefined ? own : { ...own, proxy: marked(own.proxy) };
}

/** With what is not given, also for the proxy. */
function withDefaults(connection: Value): Value {
    if (!isObject(connection)) return connection;
    const given = Object.entries(connection).filter(([, value]) => value !== null);
    const filled: Props = { ...defaults, ...Object.fromEntries(given) };
    return filled.proxy === undefined ? filled : { ...filled, proxy: withDefaults(filled.proxy) };
}

export function parseConnection(value: Value | undefined): Connection {
    // State written before a default existed may lack it.
    return withDefaults(value ?? null) as unknown as Connection;
}
