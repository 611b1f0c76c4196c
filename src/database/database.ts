import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { applyRole } from "../hosts/applyRole.ts";
import { refuseWrong } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { inTurn, prepareHost } from "../hosts/hosts.ts";
import { claim } from "../hosts/inventory.ts";
import { onceReady } from "../hosts/onceReady.ts";
import { refuse } from "../hosts/validation.ts";
import { DatabaseKind, memberAliases } from "../member/endpoint.ts";
import type { DatabaseArgs } from "./args.ts";
import { noteConnections } from "./connections.ts";
import { readsOf } from "./reads.ts";
import {
    endpointCa,
    endpointPackages,
    endpointSteps,
    grantsSteps,
    namesPackages,
    namesPrograms,
    optionFile,
} from "./role.ts";
import { databaseArguments, groupProblems } from "./validate.ts";

/** What a program on a client host connects with. */
export interface DatabaseConnection {
    /** The client's own loopback, where HAProxy leads on. */
    host: pulumi.Input<string>;
    /** Leads to the one member that takes writes. */
    port: number;
    /** Leads to a member that is up to date. */
    readPort: number;
    schema: string;
    user: string;
    /** A secret. */
    password: pulumi.Input<string>;
    /** The client hosts' names: it works from there alone. */
    clients: string[];
    /** Names of the members on the client hosts, if `names` was asked for. */
    names?: DatabaseNames;
    /**
     * File on the client host with the authority of the members' certificates, for programs that connect to members themselves:
     * those must use TLS. On the loopback nobody has to, as HAProxy does.
     */
    caFile: string;
    /** File on the client host with all of this, as clients of MariaDB read it: group `client` writes, `client_read` reads. */
    optionFile: string;
}

/** What leads to the members themselves; whom HAProxy takes out is behind no name a quarter of a second later. */
export interface DatabaseNames {
    /** Resolves to the one member that takes writes; to nothing while there is none. */
    writer: string;
    /** Resolves to every member that this client's reads go to, in turn. */
    readers: string;
    /** The members' own port. */
    port: number;
}

/** A schema on a cluster, and a way to it from every client host. */
export class Database extends pulumi.ComponentResource {
    /** Whoever uses it waits until the schema is there and every client has its way to it. */
    readonly connection: DatabaseConnection;

    constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("Database", name, args, databaseArguments(name));
        refuse("Database", name, groupProblems(args));
        claim(
            "Database",
            name,
            args.clients.map((client) => client.name),
            claimsOf(args),
        );
        claim(
            "Database",
            name,
            args.servers.map((server) => server.name),
            [{ propertyPath: "user", thing: `the database account ${args.user ?? args.schema ?? name}` }],
        );
        noteConnections(name, args.clients, args.endpoint);
        super("evenkeel:index:Database", name, sealed(args), opts);
        const { servers, endpoint, clients, schema = name, user = schema } = args;
        const { group = "root", port = 3306, readPort = 3307, names = false } = args;
        const child = { parent: this };
        const password = new random.RandomPassword(`${name}-password`, { length: 32, special: false }, child)
            .result;

        const needs = names
            ? { packages: [...endpointPackages, ...namesPackages], programs: namesPrograms }
            : { packages: endpointPackages };
        const ready = clients.map((host) => prepareHost(name, host, needs, child));
        const isReplicated = endpoint.kind === DatabaseKind.replicated;
        const grant = (host: Host, dependsOn: pulumi.Resource[]) =>
            applyRole(
                host,
                {
                    component: name,
                    kind: "grants",
                    steps: grantsSteps({
                        host: host.name,
                        name,
                        schema,
                        user,
                        clients: clients.map((client) => client.name),
                        ports: [endpoint.port, endpoint.gatePort, endpoint.healthPort],
                    }),
                    // A replica waits for what the primary does, whichever host that is: so all of them run by then.
                    hosts: isReplicated ? [...clients, ...servers] : clients,
                    values: { password },
                },
                { ...child, dependsOn },
            );
        const grants = isReplicated ? servers.map((host) => grant(host, [])) : inTurn(servers, grant);
        const endpoints = ready.map(({ host, ready: installed }) =>
            applyRole(
                host,
                {
                    component: name,
                    kind: "endpoint",
                    steps: endpointSteps(
                        {
                            cluster: endpoint.name,
                            members: endpoint.members.map((member) => member.name),
                            readsFrom: readsOf(args, host),
                            names,
                            gatePort: endpoint.gatePort,
                            healthPort: endpoint.healthPort,
                            writePort: port,
                            readPort,
                        },
                        { name, schema, user, group },
                    ),
                    hosts: endpoint.members,
                    values: { ca: endpoint.ca, password },
                },
                { ...child, dependsOn: [installed, ...grants] },
            ),
        );
        this.connection = {
            host: endpoints.reduce(
                (value: pulumi.Input<string>, each) => onceReady(value, each),
                "127.0.0.1",
            ),
            port,
            readPort,
            schema,
            user,
            password,
            clients: clients.map((client) => client.name),
            ...(names ? { names: { ...memberAliases(endpoint.name), port: endpoint.port } } : {}),
            caFile: endpointCa(name),
            optionFile: optionFile(name),
        };
        this.registerOutputs({ connection: this.connection });
    }
}

/** What a client host has for one database alone. */
const claimsOf = ({ endpoint, names, port = 3306, readPort = 3307 }: DatabaseArgs) => [
    { propertyPath: "port", thing: `port ${port} of the loopback` },
    { propertyPath: "readPort", thing: `port ${readPort} of the loopback` },
    ...(names ? [{ propertyPath: "names", thing: `the names of the cluster ${endpoint.name}` }] : []),
];

/** The arguments without what may be a credential: they are recorded in plain. */
function sealed({ servers, endpoint, clients, reads = [], ...rest }: DatabaseArgs): pulumi.Inputs {
    return {
        ...rest,
        ...(reads.length > 0 ? { reads: reads.length } : {}),
        cluster: endpoint.name,
        servers: servers.length,
        clients: clients.length,
    };
}
