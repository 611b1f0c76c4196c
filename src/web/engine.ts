import type { Step } from "../hosts/roleText.ts";
import type { PageCache } from "./args.ts";

/** The daemons that can serve a pool's site. */
export const EngineName = { Nginx: "nginx", Apache: "apache" } as const;
export type EngineName = (typeof EngineName)[keyof typeof EngineName];

/** A pool's site on one host, whatever serves it. */
export interface SiteSettings {
    /** The pool's name. */
    pool: string;
    /** The host's own name; the daemon listens on the address that it stands for. */
    host: string;
    port: number;
    documentRoot: string;
    /** Answered with 200 for the balancers' health checks. */
    healthPath: string;
    /** Megabytes of a request's body. */
    maxUpload: number;
    /** Networks of balancers, whose word counts for who asks, and how. */
    trustedProxies: string[];
    /** For how many seconds visitors may keep static files; without it, they are told nothing. */
    staticMaxAge?: number | undefined;
    /** What is kept of PHP's answers. */
    pageCache?: PageCache | undefined;
    /** PHP-FPM; nothing runs the files that end in .php without it. */
    php?: PhpSockets | undefined;
    /** Folders below the document root in which nothing is run: PHP has written what is there. */
    written?: string[];
    /**
     * The link to the release that is served, where there are releases; the document root is below it. PHP gets the folder
     * behind it, for the whole of a request.
     */
    current?: string | undefined;
    /** Where each request is told to a gate (onhost/gate_watch.py). */
    gateLog?: string | undefined;
    /** Apache's modules beside those that the site needs. */
    apacheModules?: string[];
}

export interface PhpSockets {
    /** Where it runs them. */
    socket: string;
    /** Where it says that it lives, however many requests wait. */
    healthSocket: string;
}

/** What a daemon has to do to serve sites. */
export interface WebEngine {
    /** As its makers write it. */
    title: string;
    /** The folder of its logs, which Debian's logrotate sees to. */
    logs: string;
    packages: string[];
    /** Programs that its hosts need. */
    programs: string[];
    /** What is to be done once the packages are there. */
    installed: Step[];
    /** Its configuration, in full, how that is checked, and its unit. */
    steps(site: SiteSettings): Step[];
}
