import * as pulumi from "@pulumi/pulumi";
import { applyRole } from "../hosts/applyRole.ts";
import { hosts as hostList, hostsRules, hostsShape, refuseWrong } from "../hosts/arguments.ts";
import type { Host, HostsArgs } from "../hosts/host.ts";
import { hostNames, readyHosts, recorded, rollOut } from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { servicePort } from "../hosts/names.ts";
import { number, object, optional } from "../hosts/shape.ts";
import { memcachedSteps } from "./role.ts";

export interface MemcachedArgs extends HostsArgs {
    /** Hosts whose programs use it; nobody else is let in. */
    clients: Host[];
    /** Megabytes for what is cached, on each host. @default 64 */
    memory?: number;
    /** Port on the private address. @default 11211 */
    port?: number;
}

/** memcached on several hosts, each with a cache of its own: what a host held is gone when it restarts. */
export class Memcached extends pulumi.ComponentResource {
    /** The hosts; whoever uses them waits until they answer. */
    readonly hosts: Host[];
    /** On their private addresses. */
    readonly port: number;
    /** Names of the hosts that are let in. */
    readonly clients: string[];

    constructor(name: string, args: MemcachedArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("Memcached", name, args, memcachedArguments);
        const { clients, memory = 64, port = 11_211 } = args;
        claim("Memcached", name, hostNames(name, args), [{ propertyPath: "hosts", thing: "memcached" }]);
        super("evenkeel:index:Memcached", name, recordedArgs(args), opts);
        const child = { parent: this };
        const hosts = readyHosts(name, args, { packages: ["memcached"] }, child);
        this.port = port;
        this.clients = clients.map((client) => client.name);
        this.hosts = rollOut({ component: name, args, opts: child }, hosts, (host, dependsOn) =>
            applyRole(
                host,
                {
                    component: name,
                    kind: "memcached",
                    steps: memcachedSteps({ host: host.name, clients: this.clients, memory, port }),
                    hosts: [host, ...clients],
                },
                { ...child, dependsOn },
            ),
        );
        this.registerOutputs({ hosts: this.hosts });
    }
}

const recordedArgs = ({ clients, ...rest }: MemcachedArgs): pulumi.Inputs => ({
    ...recorded(rest),
    clients: clients.map((client) => client.name),
});

/** What can be wrong with a `Memcached`. */
const memcachedArguments = object<MemcachedArgs>(
    "a `MemcachedArgs`",
    {
        ...hostsShape,
        clients: hostList,
        memory: optional(number("a number of megabytes", { from: 1, to: 1_000_000 })),
        port: optional(servicePort),
    },
    hostsRules,
);
