import type { MailRelay } from "../app/args.ts";
import type { DatabaseArgs } from "../database/args.ts";
import type { Memcached } from "../memcached/memcached.ts";
import type { WebPoolArgs } from "../web/args.ts";

/** Who writes media, and through which hosts. */
export const Editors = {
    /** Everybody through any host: uploads go both ways among them (unison). */
    Everywhere: "everywhere",
    /** Through the first host alone, from which the others get uploads (lsyncd): the listener needs `pinned`. */
    Pinned: "pinned",
} as const;
export type Editors = (typeof Editors)[keyof typeof Editors];

/**
 * memcached servers that have what WordPress has read from its tables, for all hosts. One that does not answer is used by nobody
 * until it does, and what it held before is never read again.
 */
export interface ObjectCache {
    /** Megabytes on each of the hosts themselves, which are the servers then. @default 64 */
    memory?: number;
    /** A `Memcached` in their place, whose `clients` are the hosts: a host has one memcached, and a second WordPress there shares it. @default none */
    servers?: Pick<Memcached, "clients" | "hosts" | "port">;
}

/** What is a `WebPool`'s own stays so. */
type PoolArgs = Omit<
    WebPoolArgs,
    "documentRoot" | "files" | "folder" | "php" | "release" | "user" | "writable" | "healthPath"
>;

export interface WordPressArgs extends PoolArgs {
    /**
     * WordPress' own archive, by its checksum, or a folder: with plugins and themes, which come and go with it and cannot be changed
     * by hand. https://wordpress.org/wordpress-6.8.3.tar.gz has all in a folder, so it needs `public: "wordpress"`.
     */
    release: NonNullable<WebPoolArgs["release"]>;
    /** What visitors type, such as "https://blog.example.com": balancers lead it here. */
    url: string;
    /** The site's title when it is installed, 1 to 200 letters; afterwards it is what editors say. */
    title: string;
    /** The administrator when it is installed; the password is an output. */
    admin: { user: string; email: string };
    /**
     * The cluster that has its rows: `{ servers: db.hosts, endpoint: db.endpoint }`. A second WordPress on the same hosts needs a `port`
     * and a `readPort` of its own, too, as a `Database`.
     */
    database: Pick<DatabaseArgs, "endpoint" | "port" | "readPort" | "servers">;
    /** Where what it has read is kept. @default it reads its tables for each page */
    objectCache?: ObjectCache;
    /** Through which hosts editors work. @default "everywhere" */
    editors?: Editors;
    /** Where its mail goes. @default nowhere */
    mail?: MailRelay;
}
