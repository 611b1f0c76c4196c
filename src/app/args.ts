import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection } from "../database/database.ts";
import type { WebPool } from "../web/webPool.ts";

export interface WebAppArgs {
    /** The pool with PHP that serves it: its files are that pool's `release`, `folder` or `files`. A pool has one application. */
    pool: AppPool;
    /**
     * What getenv() tells the application, by names in capital letters; one line each. They stand in previews: what is secret belongs
     * into `secrets`. @default nothing
     */
    environment?: Record<string, pulumi.Input<string>>;
    /**
     * What the application reads and nobody else: each is a file that it cannot write, and `NAME_FILE` in its environment is the
     * file's path. Any bytes of text. @default none
     */
    secrets?: Record<string, pulumi.Input<string>>;
    /**
     * A `Database`'s `connection` whose `clients` are the pool's hosts, and whose `group` is the pool's `user`. In the environment:
     * DB_HOST, DB_PORT, DB_READ_PORT, DB_DATABASE, DB_USERNAME and DB_PASSWORD_FILE. @default none
     */
    database?: DatabaseConnection;
    /**
     * Path that the application answers with 200 to 399 when it is well: each host has to, before `up` goes on to the next one, and
     * its status tells. For balancers it is their own `healthPath`. @default nothing is asked
     */
    healthPath?: string;
    /**
     * A program and its arguments that is run once for each version of the pool's files, on one host, when all hosts have them: a
     * schema's upgrade. It needs `database`, which tells the hosts whose turn it is. One that fails makes `up` fail, and is run
     * again. @default nothing
     */
    setup?: string[];
    /** What is run by the clock, on one host at a time. @default none */
    jobs?: AppJob[];
    /** Where PHP's mail() goes. @default nowhere: it fails */
    mail?: MailRelay;
}

/** A `WebPool`, as far as it concerns its application. */
export type AppPool = Pick<WebPool, "hosts" | "phpPool" | "port" | "root" | "user" | "version">;

/**
 * Work of an application that is run on whichever host is first: the others wait, and when that one dies one of them runs it anew, about a
 * minute later. So it has to stand being run again. A time at which the former run is at work still is skipped.
 */
export interface AppJob {
    /** Lower-case letters, digits and hyphens, a letter first, 40 at most; no other job of the application has it. */
    name: string;
    /** As systemd's OnCalendar: "*:0/5", "02:30", "Mon 04:00 Europe/Berlin"; in UTC without a zone, once a minute at most. */
    schedule: string;
    /** A program and its arguments, as the application's user in its folder: `["php", "cron.php"]`. */
    command: string[];
    /** Seconds after which it is ended, 1 to 86,400. @default 3600 */
    timeout?: number;
}

/** A server that takes mail on; what it does not take at once is an error that mail() tells, as nothing is kept on the hosts. */
export interface MailRelay {
    /** Its name, such as "smtp.example.com". */
    host: string;
    /** 465 speaks TLS at once, any other begins with STARTTLS. @default 587 */
    port?: number;
    /** The account there; with `password`. @default none: it lets these hosts in */
    user?: string;
    /** A secret. */
    password?: pulumi.Input<string>;
    /** The sender where the application names none, such as "shop@example.com". */
    from: string;
    /** Whether it has TLS, and a certificate of an authority that Debian knows. @default true */
    tls?: boolean;
}
