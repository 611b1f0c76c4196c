import type * as pulumi from "@pulumi/pulumi";
import type { CloudFirewall, CloudName } from "../clouds/cloud.ts";

/** How to reach a host by SSH. The host key is pinned: a host that shows another one is refused. */
export interface HostConnection {
    /** Address or name to dial. */
    host: pulumi.Input<string>;
    /** @default 22 */
    port?: pulumi.Input<number>;
    /** A user that is root. @default "root" */
    user?: pulumi.Input<string>;
    /** Private key in PEM or OpenSSH form; treated as a secret. */
    privateKey: pulumi.Input<string>;
    /** The host's public key, one line as in /etc/ssh/ssh_host_ed25519_key.pub. */
    hostKey: pulumi.Input<string>;
    /**
     * How many failed attempts to connect are tried again. @default 15: half a minute at a host that refuses, four at one that
     * does not answer; 60 for hosts that the program creates, which boot first
     */
    dialErrorLimit?: pulumi.Input<number>;
}

/**
 * A Debian 12 host: another component's, or any machine that SSH reaches as root.
 * Plain data, so it passes between components of any language; its values may be outputs.
 */
export interface Host {
    /**
     * Short name, unique among the hosts of a stack: lower-case letters, digits and hyphens, a letter first, 63 at most. Everything that belongs to the
     * host goes by it: resources, certificates, membership, and configuration files of other hosts.
     */
    name: string;
    /** Address by which the other hosts reach this one. */
    privateAddress: pulumi.Input<string>;
    /** How to reach it. */
    connection: pulumi.Input<HostConnection>;
    /** The cloud that it belongs to; needed where the cloud acts on the host (reserved IP, firewall). */
    cloud?: CloudName;
    /** The cloud's id of it, as `cloud` needs it. */
    id?: pulumi.Input<string>;
    /** The cloud's region of it, as `cloud` needs it. */
    region?: pulumi.Input<string>;
    /** The cloud's firewall that it is behind, where `cloud` gives a host one alone. */
    firewall?: CloudFirewall;
    /**
     * Set by the components that create hosts: the baseline (library, SSH, firewall) is there.
     * A host without it gets only the library; its SSH and its firewall stay as they are.
     */
    baseline?: boolean;
    /**
     * Requests that the programs of this host's pool work on at once: set by a `WebPool` with PHP on the hosts that it gives.
     * Balancers send four times as many at most, as most are for static files; and a cluster has to have that many connections for each database.
     */
    workers?: number;
}

/** Where a component creates its hosts: `Site.placement`. */
export interface Placement {
    cloud: CloudName;
    /** Region slug, such as "fra1". */
    region: pulumi.Input<string>;
    /** Id of the private network. */
    network: pulumi.Input<string>;
    /** The cloud's id of the SSH key that new hosts accept. */
    sshKey: pulumi.Input<string>;
    /** The private half of that key; a secret. */
    privateKey: pulumi.Input<string>;
    /** Tag of the site's hosts, which puts them behind its firewall where a cloud goes by tags. */
    tag: pulumi.Input<string>;
    /** The site's firewall, where its cloud gives a host one alone. */
    firewall?: CloudFirewall;
}

/** Every component that needs hosts takes either `placement` (it creates them) or `hosts` (they are there). */
export interface HostsArgs {
    /** Where to create the hosts: `Site.placement`. */
    placement?: Placement;
    /** How many hosts to create, 1 to 100. Growing it never touches the hosts that are there. @default 2 */
    hostCount?: number;
    /** Size slug of created hosts. @default the cloud's 1 CPU / 1 GB size */
    size?: string;
    /** Hosts to use instead: another component's, or any Debian 12 machine that SSH reaches as root. */
    hosts?: Host[];
    /** Brings the hosts' packages up to date when it changes, one host at a time. @default they stay as they are */
    upgrade?: Upgrade;
}

/**
 * An upgrade of all packages of a component's hosts, with those that Debian's unattended upgrades leave alone here: HAProxy,
 * keepalived, Pacemaker, MariaDB. Each host is taken out of service first, and is well again before the next one's turn.
 */
export interface Upgrade {
    /** The day, such as "2026-12-01": another one has the hosts upgraded again. */
    on: string;
    /** Whether a host restarts then if a kernel or a library waits for that. @default false */
    reboot?: boolean;
}
