import * as pulumi from "@pulumi/pulumi";
import { type CloudFirewall, CloudName } from "../clouds/cloud.ts";
import { anotherClouds } from "../clouds/slugs.ts";
import type { Host, HostConnection, HostsArgs, Placement, Upgrade } from "./host.ts";
import { hostAddress, hostName, id, nameProblems, port, slug } from "./names.ts";
import {
    type Check,
    flag,
    hidden,
    input,
    number,
    object,
    oneOf,
    optional,
    type Rules,
    type Shape,
    someOf,
    text,
} from "./shape.ts";
import { type Problem, quoted, refuse, refuseLate, when } from "./validation.ts";

/** Refuses a component whose name or arguments are wrong: one error with all of it. */
export function refuseWrong(component: string, name: string, args: unknown, check: Check): void {
    refuse(component, name, [...nameProblems("component", "name", name), ...check("", args ?? {})]);
}

/** A value once it is known, unless it is wrong then. */
export function checkedLate<Value>(
    component: string,
    name: string,
    at: string,
    check: Check,
    value: pulumi.Input<Value>,
): pulumi.Output<pulumi.Unwrap<Value>> {
    return pulumi.output(value).apply((settled) => {
        refuseLate(component, name, check(at, settled));
        return settled;
    });
}

const cloud = oneOf("a cloud", Object.values(CloudName));
const privateKey = hidden("a private key in PEM or OpenSSH form", /-----BEGIN [A-Z ]*PRIVATE KEY-----/);

/** Of a key of SSH the first four bytes are the length of a word, and so no letter in base64 but A. */
const hostKey = text(
    "a host's public key",
    /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)) AAAA[A-Za-z0-9+/]*={0,2}( [^\r\n]*)?\n?$/,
    "give one line as in the host's /etc/ssh/ssh_host_ed25519_key.pub",
);

/** How a host is reached; its host key is never left out, as any host would do then. */
export const connection = object<HostConnection>("how SSH reaches it: `{ host, privateKey, hostKey }`", {
    host: input(text("an address or a name to dial", /^[\w.:%-]{1,253}$/, "write it as 192.0.2.1")),
    port: optional(input(port)),
    user: optional(input(text("a user", /^[A-Za-z_][\w.@-]{0,63}$/, 'write it as "root"'))),
    privateKey: input(privateKey),
    hostKey: input(hostKey),
    dialErrorLimit: optional(input(number("a number of attempts", { from: -1, to: 100_000 }))),
});

const firewall = object<CloudFirewall>("a firewall of the cloud: `{ name, id }`", {
    name: text("a firewall's name", /^[\w-]{1,100}$/, "use it as the site gave it"),
    id: input(id),
});

/** A host that SSH reaches. */
export const host = object<Host>("a host, such as one of a component's `hosts`", {
    name: hostName,
    privateAddress: input(hostAddress),
    connection: input(connection),
    cloud: optional(cloud),
    id: optional(input(id)),
    region: optional(input(slug("a region", "fra1"))),
    firewall: optional(firewall),
    baseline: optional(flag),
    workers: optional(number("a number of requests", { from: 1, to: 100_000 })),
});

const HOSTS = "a component's `hosts`, or a list of hosts";

/** Hosts that SSH reaches, each of which is another one. */
export const hosts = someOf<Host>(HOSTS, host, (hosts, at) => [
    ...twice(hosts, at, "name", ({ name }) => name),
    ...twice(hosts, at, "privateAddress", ({ privateAddress }) => privateAddress),
    ...twice(hosts, at, "connection.host", ({ connection }) => dialled(connection)),
]);

/** A host that is referred to by others, and not configured here. */
export const peer: Check = (at, value) => [
    ...host(at, value).filter(({ propertyPath }) =>
        /^(|\.name|\.privateAddress|\.workers)$/.test(propertyPath.slice(at.length)),
    ),
];

export const peers = someOf<Host>(HOSTS, peer, (hosts, at) => [
    ...twice(hosts, at, "name", ({ name }) => name),
    ...twice(hosts, at, "privateAddress", ({ privateAddress }) => privateAddress),
]);

/** Where a host is dialled, if that is known before anything is deployed. */
function dialled(connection: Host["connection"]): unknown {
    const { host, port = 22 } = connection as HostConnection;
    return typeof host === "string" && typeof port === "number" ? `${host}:${port}` : undefined;
}

/** Which hosts have what another one has; of a host that stands twice its name says it all. */
function twice(hosts: Host[], at: string, key: string, of: (host: Host) => unknown): Problem[] {
    const values = hosts.map(of);
    return values.flatMap((value, i) => {
        const first = hosts[values.indexOf(value)]!;
        const isAgain = typeof value === "string" && values.indexOf(value) < i;
        const whose = key === "name" ? "another host's name" : `that of "${first.name}"`;
        return when(
            isAgain && (key === "name" || first.name !== hosts[i]!.name),
            `${at}[${i}].${key}`,
            `${quoted(value)} is ${whose} already`,
        );
    });
}

const placement = object<Placement>("a site's `placement`", {
    cloud,
    region: input(slug("a region", "fra1")),
    network: input(id),
    sshKey: input(id),
    privateKey: input(privateKey),
    tag: input(text("a tag", /^[\w:-]{1,255}$/, "use letters, digits and : _ -")),
    firewall: optional(firewall),
});

const isDay = (day: string) => /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day));

/** More than anybody has of one kind; it also bounds what a slip of the hand creates. */
const MOST_HOSTS = 100;

export const hostsShape: Shape<HostsArgs> = {
    placement: optional(placement),
    hostCount: optional(number("a number of hosts", { from: 1, to: MOST_HOSTS })),
    size: optional(slug("a size", "s-1vcpu-1gb")),
    hosts: optional(hosts),
    upgrade: optional(
        object<Upgrade>("an `Upgrade`", {
            on: text("a day", isDay, 'write it as "2026-12-01"'),
            reboot: optional(flag),
        }),
    ),
};

/** Of what there should be two at least, one alone has to be meant: `singlePointOfFailure` says so. */
export interface MayBeAlone {
    /** What the one is: "one balancer". */
    one: string;
    /** What to use in its place: "two". */
    instead: string;
    /** The argument that says how many there are. */
    at: string;
    size: number;
    isMeant: boolean;
}

export const aloneRules = ({ one, instead, at, size, isMeant }: MayBeAlone): Problem[] => [
    ...when(
        size === 1 && !isMeant,
        at,
        `${one} alone is a single point of failure: use ${instead}, or say so with \`singlePointOfFailure: true\``,
    ),
    ...when(
        size > 1 && isMeant,
        "singlePointOfFailure",
        `is for ${one} alone, and there are ${size}: leave it out`,
    ),
];

/** What a cloud is asked for in another one's words. */
function foreignSlugs({ cloud, region }: Placement, size: string | undefined): Problem[] {
    return [
        ...foreignSlug("region", "placement.region", region, cloud),
        ...foreignSlug("size", "size", size, cloud),
    ];
}

/** A slug that another cloud has; of an output nobody knows yet. */
export function foreignSlug(kind: "region" | "size", at: string, slug: unknown, cloud: CloudName): Problem[] {
    const other = typeof slug === "string" ? anotherClouds(kind, slug, cloud) : undefined;
    return when(!!other, at, `${quoted(slug)} is a ${kind} of "${other}": give one of "${cloud}"`);
}

/** How the arguments of `HostsArgs` go together. */
export const hostsRules: Rules<HostsArgs> = ({ placement, hosts, size }, sound, given) => {
    if (!sound("placement", "hosts")) return [];
    return [
        ...(placement ? foreignSlugs(placement, sound("size") ? size : undefined) : []),
        ...when(!placement && !hosts, "placement", "give either `placement` (hosts are created) or `hosts`"),
        ...when(!!placement && !!hosts, "hosts", "give either `placement` or `hosts`, not both"),
        ...when(
            !!hosts && given("hostCount"),
            "hostCount",
            "counts created hosts; leave it out with `hosts`",
        ),
        ...when(!!hosts && given("size"), "size", "is for created hosts; leave it out with `hosts`"),
    ];
};
