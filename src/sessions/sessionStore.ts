import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { applyRole } from "../hosts/applyRole.ts";
import { refuseWrong } from "../hosts/arguments.ts";
import { Authority } from "../hosts/certificates.ts";
import type { Host } from "../hosts/host.ts";
import {
    hostNames,
    inTurn,
    prepareHost,
    type ReadyHost,
    readyHosts,
    recorded,
    rollOut,
} from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { hostOnceReady } from "../hosts/onceReady.ts";
import { childName } from "../hosts/roleText.ts";
import type { PhpPool, SessionStoreArgs } from "./args.ts";
import { passwordValue, phpPackages, phpPrograms, phpSessionSteps } from "./php.ts";
import { storePackages, storePrograms, storeSteps } from "./store.ts";
import { STORE_USER, storeUsers } from "./users.ts";
import { sessionStoreArguments } from "./validate.ts";

/** PHP's sessions on several hosts at once, each of which has all of them: any one may die, hang or come back empty. */
export class SessionStore extends pulumi.ComponentResource {
    /** The hosts with a store; whoever uses them waits until PHP keeps its sessions there. */
    readonly hosts: Host[];

    constructor(name: string, args: SessionStoreArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("SessionStore", name, args, sessionStoreArguments);
        claim("SessionStore", name, hostNames(name, args), [{ propertyPath: "hosts", thing: "Redis" }]);
        for (const [i, { hosts, phpPool }] of args.pools.entries())
            claim(
                "SessionStore",
                name,
                hosts.map((host) => host.name),
                [{ propertyPath: `pools[${i}]`, thing: `the sessions of ${phpPool}` }],
            );
        super("evenkeel:index:SessionStore", name, recordedArgs(args), opts);
        const { memory = 64, port = 6380, pools } = args;
        const child = { parent: this };

        const clients = clientsOf(pools);
        const hosts = storeHosts(name, args, clients, child);
        const authority = new Authority(name, child);
        const passwords = passwordsFor(name, [STORE_USER, ...pools.map(({ phpPool }) => phpPool!)], child);
        const users = pulumi.all(passwords).apply(storeUsers);
        const everyHost = hosts.map(({ host }) => host);
        const names = everyHost.map((host) => host.name);
        const phpHosts = [...clients.values()].map(({ host }) => host);

        const stores = rollOut({ component: name, args, opts: child }, hosts, (host, dependsOn) => {
            const { cert, key } = authority.certificate(childName(name, host.name, "store"), host.name);
            return applyRole(
                host,
                {
                    component: name,
                    kind: "store",
                    steps: storeSteps({
                        host: host.name,
                        hosts: names,
                        clients: [...clients.keys()],
                        memory,
                        port,
                    }),
                    hosts: [...everyHost, ...phpHosts],
                    values: { ca: authority.cert, cert, key, users, password: passwords[STORE_USER]! },
                },
                { ...child, dependsOn },
            );
        });
        const ready = [...clients.values()].map(({ host, pools }) => ({
            pools,
            client: hosts.find((each) => each.host.name === host.name) ?? prepareHost(name, host, PHP, child),
        }));
        const serving = inTurn(ready, ({ client, pools }, before) =>
            applyRole(
                client.host,
                {
                    component: name,
                    kind: "php-sessions",
                    steps: phpSessionSteps({ store: name, hosts: names, port, pools }),
                    hosts: stores,
                    values: {
                        ca: authority.cert,
                        ...Object.fromEntries(
                            pools.map(({ pool }) => [passwordValue(pool), passwords[pool]!]),
                        ),
                    },
                },
                { ...child, dependsOn: [client.ready, ...before] },
            ),
        );
        const last = serving.at(-1)!;
        this.hosts = stores.map((host) => hostOnceReady(host, last));
        this.registerOutputs({ hosts: this.hosts });
    }
}

const STORE = { packages: storePackages, programs: storePrograms };
const PHP = { packages: phpPackages, programs: phpPrograms };

interface Client {
    host: Host;
    pools: { pool: string; user: string }[];
}

/** Hosts with PHP by name, each with all of its pools. */
function clientsOf(pools: PhpPool[]): Map<string, Client> {
    const clients = new Map<string, Client>();
    for (const { hosts, phpPool, user } of pools) {
        for (const host of hosts) {
            const client = clients.get(host.name) ?? { host, pools: [] };
            client.pools.push({ pool: phpPool!, user: user! });
            clients.set(host.name, client);
        }
    }
    return clients;
}

/** With what PHP needs where a store's host has that, too. */
function storeHosts(
    name: string,
    args: SessionStoreArgs,
    clients: Map<string, Client>,
    opts: pulumi.CustomResourceOptions,
): ReadyHost[] {
    const both = {
        packages: [...STORE.packages, ...PHP.packages],
        programs: [...STORE.programs, ...PHP.programs],
    };
    if (!args.hosts) return readyHosts(name, args, STORE, opts);
    return args.hosts.map((host) => prepareHost(name, host, clients.has(host.name) ? both : STORE, opts));
}

function passwordsFor(
    name: string,
    users: string[],
    opts: pulumi.CustomResourceOptions,
): Record<string, pulumi.Output<string>> {
    return Object.fromEntries(
        users.map((user) => {
            const password = new random.RandomPassword(
                `${name}-${user}-password`,
                { length: 32, special: false },
                opts,
            );
            return [user, password.result];
        }),
    );
}

/** Pools by name: what is recorded is plain. */
const recordedArgs = ({ pools, ...rest }: SessionStoreArgs): pulumi.Inputs => ({
    ...recorded(rest),
    pools: pools.map(({ phpPool }) => phpPool),
});
