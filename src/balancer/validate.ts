import { isIPv4 } from "node:net";
import { aloneRules, hostsRules, hostsShape } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { DEFAULT_HOST_COUNT } from "../hosts/hosts.ts";
import { hostAddress, servicePort } from "../hosts/names.ts";
import {
    type Check,
    flag,
    input,
    number,
    object,
    oneOf,
    optional,
    type Rules,
    someOf,
} from "../hosts/shape.ts";
import { type Problem, quoted, when } from "../hosts/validation.ts";
import { bare, isSplit, MOST_ADDRESSES } from "./addresses.ts";
import { BalancerEngineName, Failover, type LoadBalancerPairArgs } from "./args.ts";
import { bgp, bgpProblems } from "./bgpRules.ts";
import { engineOf } from "./engines.ts";
import { openPorts } from "./frontends.ts";
import { httpListeners, tcpListeners } from "./listenerRules.ts";
import { MOST_BALANCERS } from "./points.ts";
import { apiToken } from "./reservedIp.ts";

/** An address that a host can have on its network, with the length of the network's prefix. */
const virtualAddress: Check = (at, value) => {
    if (typeof value !== "string") return hostAddress(at, value);
    const [address = "", bits = "", ...more] = value.split("/");
    const isWritten = isIPv4(address) && /^([89]|[12]\d|3[0-2])$/.test(bits) && more.length === 0;
    if (!isWritten || hostAddress(at, address).length > 0)
        return [
            {
                propertyPath: at,
                reason: `${quoted(value)} is no host's address with its prefix: write it as 10.0.0.100/24`,
            },
        ];
    const size = 2 ** (32 - Number(bits));
    const within = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0) % size;
    return when(
        size > 2 && (within === 0 || within === size - 1),
        at,
        `"${value}" is the network's own: take a host's address`,
    );
};

const rules: Rules<LoadBalancerPairArgs> = (args, sound, given) => {
    const { hosts, hostCount, failBack, singlePointOfFailure } = args;
    const isOwn = given("virtualAddress") || given("virtualAddresses");
    const split = sound("virtualAddresses") && isSplit(args.virtualAddresses);
    const size = hosts?.length ?? hostCount ?? DEFAULT_HOST_COUNT;
    const which = hosts ? "hosts" : "hostCount";
    const areGiven = sound("placement", "hosts");
    return [
        ...(sound("http", "tcp") ? portProblems(args) : []),
        ...(sound("engine", "http", "tcp", "metricsPort", "statusPage") ? engineOf(args).problems(args) : []),
        ...hostsRules(args, sound, given),
        ...when(
            given("statusPage") && sound("statusPage") && !!args.statusPage && !given("metricsPort"),
            "statusPage",
            "is on `metricsPort`: give that, too",
        ),
        ...(sound(which, "singlePointOfFailure")
            ? aloneRules({
                  one: "one balancer",
                  instead: "two",
                  at: which,
                  size,
                  isMeant: !!singlePointOfFailure,
              })
            : []),
        ...when(sound(which) && size > MOST_BALANCERS, which, `use ${MOST_BALANCERS} balancers at most`),
        ...when(
            !isOwn && !given("bgp") && !given("failoverToken"),
            "failoverToken",
            "give the token with which the balancers move the reserved IP (or a `virtualAddress` of your own network)",
        ),
        ...when(
            areGiven && !isOwn && !!hosts?.some(isOfNoCloud),
            "hosts",
            "a reserved IP needs each host's `cloud`, `id` and `region`; without them give a `virtualAddress`",
        ),
        ...(areGiven && !isOwn ? oneCloudProblems(hosts) : []),
        ...bgpProblems(args, sound, given),
        ...when(
            given("failBackDelay") && sound("failBack", "failBackDelay") && !failBack && !split,
            "failBackDelay",
            "no host takes the address back: it goes with `failBack: true`",
        ),
        ...when(
            split && failBack === false,
            "failBack",
            "each of several addresses has a host of its own, and goes back there: leave it out",
        ),
        ...when(
            given("virtualAddress") && given("virtualAddresses"),
            "virtualAddress",
            "stands among the `virtualAddresses`: leave it out here",
        ),
        ...(sound("failover", "virtualAddress", "virtualAddresses") ? clusterProblems(args) : []),
        ...(areGiven && sound("virtualAddress", "virtualAddresses") ? ownAddressProblems(args) : []),
    ];
};

function portProblems({ http = [], tcp = [] }: LoadBalancerPairArgs): Problem[] {
    const ports = openPorts(http, tcp);
    const twice = ports.some((port, i) => ports.indexOf(port) < i);
    return [
        ...when(ports.length === 0, "http", "give at least one listener, of `http` or of `tcp`"),
        ...when(
            twice,
            http.length > 0 ? "http" : "tcp",
            `listeners must differ in port: ${ports.join(", ")}`,
        ),
    ];
}

/** The cloud of the first one has the reserved IP. */
function oneCloudProblems(hosts: Host[] = []): Problem[] {
    const [first] = hosts;
    return hosts.flatMap(({ name, cloud }, i) =>
        when(
            !!cloud && !!first?.cloud && cloud !== first.cloud,
            `hosts[${i}].cloud`,
            `"${name}" is of "${cloud}", and "${first?.name}" of "${first?.cloud}": a reserved IP moves within one cloud, so make a pair in each`,
        ),
    );
}

const isOfNoCloud = ({ cloud, id, region }: Host) => !cloud || !id || !region;

function ownAddressProblems({
    hosts = [],
    virtualAddress,
    virtualAddresses = [],
}: LoadBalancerPairArgs): Problem[] {
    const given = [
        ...(virtualAddress === undefined ? [] : [["virtualAddress", virtualAddress] as const]),
        ...virtualAddresses.map((each, i) => [`virtualAddresses[${i}]`, each] as const),
    ];
    return given.flatMap(([at, address]) => {
        const owner = hosts.find(({ privateAddress }) => privateAddress === bare(address));
        return when(!!owner, at, `is the address of "${owner?.name}": take one that no host has`);
    });
}

/** What Pacemaker does not do with addresses. */
function clusterProblems({
    failover,
    virtualAddress,
    virtualAddresses = [],
}: LoadBalancerPairArgs): Problem[] {
    if (failover !== Failover.Pacemaker) return [];
    const [at, first] =
        virtualAddress === undefined
            ? ["virtualAddresses[0]", virtualAddresses[0]]
            : ["virtualAddress", virtualAddress];
    return [
        ...when(
            !!first?.endsWith("/32"),
            at,
            `"${first}" has no network: Pacemaker puts it where its network is, so write that one's prefix, such as /24`,
        ),
        ...when(
            isSplit(virtualAddresses),
            "virtualAddresses",
            "Pacemaker has one address of a pair: give one, or leave `failover` to keepalived",
        ),
    ];
}

const virtualAddresses = someOf<string>("addresses that VRRP carries", virtualAddress, (all, at) => [
    ...all.flatMap((each, i) => {
        const first = all.findIndex((other) => bare(other) === bare(each));
        return when(first < i, `${at}[${i}]`, `is ${at}[${first}] once more: take another address`);
    }),
    ...when(all.length > MOST_ADDRESSES, at, `use ${MOST_ADDRESSES} addresses at most`),
]);

/** No argument, but asked for: what there is in its place. */
const addresses = optional((at) => [
    {
        propertyPath: at,
        reason: "a cloud gives a host one reserved IP, so that none can have two when others fail: make a pair of hosts for each address, or give the `virtualAddresses` of a network of your own",
    },
]);

/** What can be wrong with a `LoadBalancerPair`. */
export const pairArguments = object<LoadBalancerPairArgs & { addresses?: never }>(
    "a `LoadBalancerPairArgs`",
    {
        ...hostsShape,
        engine: optional(oneOf("an engine", Object.values(BalancerEngineName))),
        http: optional(httpListeners),
        tcp: optional(tcpListeners),
        metricsPort: optional(servicePort),
        statusPage: optional(flag),
        singlePointOfFailure: optional(flag),
        failoverToken: optional(input(apiToken)),
        bgp: optional(bgp),
        virtualAddress: optional(virtualAddress),
        virtualAddresses: optional(virtualAddresses),
        addresses,
        deletionProtection: optional(flag),
        failover: optional(oneOf("an engine of failover", Object.values(Failover))),
        virtualRouterId: optional(number("a VRRP number", { from: 1, to: 255 })),
        failBack: optional(flag),
        failBackDelay: optional(number("a number of seconds", { from: 0, to: 1000 })),
    },
    rules,
);
