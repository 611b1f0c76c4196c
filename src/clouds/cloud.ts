import type * as pulumi from "@pulumi/pulumi";

/** The clouds that a `Site` can stand in. */
export const CloudName = {
    DigitalOcean: "digitalocean",
    Vultr: "vultr",
} as const;
export type CloudName = (typeof CloudName)[keyof typeof CloudName];

/** What the components need of a cloud: one small function per primitive. */
export interface Cloud {
    name: CloudName;
    /** The 1 CPU / 1 GB size and the Debian 12 image, by the cloud's own slugs. */
    defaults: { size: string; image: string };
    /** What its slugs look like: enough to tell them from another cloud's. */
    slugs: { region: RegExp; size: RegExp };
    /**
     * Asks what there is to choose from, as a component's provider knows it; undefined where nobody can ask, such as a preview
     * without a token.
     */
    catalogue(component: pulumi.Resource): ((wanted: Wanted) => Promise<Catalogue | undefined>) | undefined;
    /** Creates what puts hosts behind a site's firewall, and is there before them: the first that a site asks of its cloud. */
    guard(site: string, args: { tag: string }, opts: Options): CloudGuard;
    /** Creates a private network. */
    network(name: string, args: { region: string; ipRange: string | undefined }, opts: Options): CloudNetwork;
    /** Registers the public half of an SSH key; returns the cloud's id of it. */
    sshKey(name: string, args: { publicKey: pulumi.Input<string> }, opts: Options): pulumi.Output<string>;
    /** Lets connections in to hosts: all behind a guard, or these. A cloud without rules for what goes out leaves all of it open. */
    firewall(name: string, args: FirewallArgs, opts: Options): void;
    host(name: string, args: CloudHostArgs, opts: Options): CloudHost;
    /** Reserves a public address that no host holds yet. */
    reservedAddress(
        name: string,
        args: { region: pulumi.Input<string> },
        opts: Options,
    ): CloudReservedAddress;
    /** How the hosts move a reserved address among them, and what becomes of it there. */
    moving: CloudMoving;
    /** Its router, where hosts may announce a reserved address by BGP in place of that. */
    router?: CloudRouter;
    /** Its DNS, as the hosts write to it. */
    dns: CloudDns;
    /** What a stack's state calls these: types, and the input of a host that is its size. */
    inState: { host: string; size: string; reservedAddress: string };
    prices: Prices;
    /** Base URL of the API, as the hosts call it. */
    apiUrl(): string;
}

type Options = pulumi.CustomResourceOptions;

/** Slugs that a program names. */
export interface Wanted {
    region: string;
    size: string | undefined;
}

/** Slugs of a cloud. */
export interface Catalogue {
    /** Each with the sizes that it has room for at present. */
    regions: { slug: string; sizes: string[] }[];
    sizes: string[];
    /** Whether that is all there is, or what was asked for alone. @default true */
    isWhole?: boolean;
}

export interface CloudNetwork {
    id: pulumi.Output<string>;
    ipRange: pulumi.Output<string>;
}

export interface CloudGuard {
    /** A tag that all of its hosts carry. */
    tag: pulumi.Output<string>;
    /** Where a host has one firewall alone: that one. */
    firewall?: CloudFirewall;
    resource: pulumi.Resource;
}

/** A firewall that a cloud's host is made with, and keeps. */
export interface CloudFirewall {
    /** By which its rules go. */
    name: string;
    /** The cloud's id of it. */
    id: pulumi.Input<string>;
}

export interface FirewallArgs {
    guard?: CloudGuard;
    hosts?: { id: pulumi.Input<string>; firewall?: CloudFirewall | undefined }[];
    inbound: Inbound[];
    /** Whether this lets the hosts open connections to anywhere. */
    outbound: boolean;
}

export interface Inbound {
    protocol: "tcp" | "udp" | "icmp";
    /** One, or a range such as "1-65535". */
    ports?: string;
    from: pulumi.Input<string>[];
}

export interface CloudHostArgs {
    region: pulumi.Input<string>;
    /** A host that is there gets another one with its power off. */
    size: pulumi.Input<string>;
    image: string;
    network: pulumi.Input<string>;
    sshKey: pulumi.Input<string>;
    tags: pulumi.Input<string>[];
    /** Where a host has one firewall alone. */
    firewall?: CloudFirewall | undefined;
    userData: pulumi.Input<string>;
}

export interface CloudReservedAddress {
    address: pulumi.Output<string>;
    /** What else `CloudMoving.conf` names. @default nothing */
    values?: Record<string, pulumi.Output<string>>;
}

export interface CloudMoving {
    /** Programs of the hosts for it: the cloud's part of `failover` (balancer/onhost), and what that needs. */
    programs: string[];
    /** Lines of failover.conf for that part; `{{value address}}`, `{{value host}}` and further values are filled in on the host. */
    conf: string;
    /** Where on its host the traffic arrives, as a placeholder of a role's text. */
    arrivesAt: string;
    /** Whether that is the reserved address itself, which its host has then, and no other one. */
    isCarried: boolean;
}

/** What a host has a session of BGP with. */
export interface CloudRouter {
    neighbor: string;
    asn: number;
    /** How far it is at most. */
    hops: number;
}

export interface CloudDns {
    /** Programs of the hosts for it: what is the cloud's own about TXT records (acme/onhost). */
    programs: string[];
    /** Seconds until all of its name servers have what was written. */
    wait: number;
}

export interface CloudHost {
    id: pulumi.Output<string>;
    publicAddress: pulumi.Output<string>;
    privateAddress: pulumi.Output<string>;
    resource: pulumi.Resource;
}

/** List prices, in USD and without taxes. */
export interface Prices {
    /** The day of which the figures are. */
    date: string;
    /** The cloud's own pages that have them. */
    sources: string[];
    /** By slug: a month of a host, and the terabytes a month that it may send for that, which all hosts of an account share. */
    sizes: Record<string, { monthly: number; transfer: number }>;
    /** Each GB that is sent beyond that. */
    extraTransfer: number;
    /** A month of a reserved address that a host has. */
    reservedAddress: number;
}
