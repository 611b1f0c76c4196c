import * as pulumi from "@pulumi/pulumi";
import { applyRole } from "../hosts/applyRole.ts";
import type { Host } from "../hosts/host.ts";
import {
    givenHostsProblems,
    type HostsArgs,
    hostNames,
    hostsProblems,
    readyHosts,
    recorded,
    rollOut,
} from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { portProblems, refuse, when } from "../hosts/validation.ts";
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

    constructor(name: string, args: MemcachedArgs, opts?: pulumi.ComponentResourceOptions) {
        validate(name, args);
        const { clients, memory = 64, port = 11_211 } = args;
        claim("Memcached", name, hostNames(name, args), [{ propertyPath: "hosts", thing: "memcached" }]);
        super("evenkeel:index:Memcached", name, recordedArgs(args), opts);
        const child = { parent: this };
        const hosts = readyHosts(name, args, { packages: ["memcached"] }, child);
        const names = clients.map((client) => client.name);
        this.hosts = rollOut(hosts, (host, dependsOn) =>
            applyRole(
                host,
                {
                    component: name,
                    kind: "memcached",
                    steps: memcachedSteps({ host: host.name, clients: names, memory, port }),
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

function validate(name: string, args: MemcachedArgs): void {
    const { clients, memory = 64, port } = args;
    refuse("Memcached", name, [
        ...hostsProblems(name, args),
        ...when(!clients?.length, "clients", "give the hosts whose programs use it"),
        ...givenHostsProblems("clients", clients ?? []),
        ...when(
            !(Number.isInteger(memory) && memory >= 1),
            "memory",
            `${memory} is not a number of megabytes: give 1 or more`,
        ),
        ...portProblems("port", port),
    ]);
}
