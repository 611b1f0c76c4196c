import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import { applyRole, type RoleInput } from "../hosts/applyRole.ts";
import { checkedLate, refuseWrong } from "../hosts/arguments.ts";
import type { Host } from "../hosts/host.ts";
import { inTurn, prepareHost, protectedBy } from "../hosts/hosts.ts";
import type { DatabaseBackupsArgs } from "./args.ts";
import type { BackupDestination } from "./destination.ts";
import { backupFolderSteps, backupPackages, backupPrograms, backupsSteps } from "./role.ts";
import { type BackupTarget, nightly } from "./storage.ts";
import { accessWord, backupsArguments } from "./validate.ts";

/** Backups of a cluster of databases, each made by a member that does not take the writes. */
export class DatabaseBackups extends pulumi.ComponentResource {
    /** The password of the backups; a secret. Keep it in another place too: with hosts and state gone, nothing else opens them. */
    readonly password: pulumi.Output<string>;

    constructor(name: string, args: DatabaseBackupsArgs, opts?: pulumi.ComponentResourceOptions) {
        refuseWrong("DatabaseBackups", name, args, backupsArguments(name));
        super("evenkeel:index:DatabaseBackups", name, sealed(args), opts);
        const { servers, endpoint, to, keep = 14, compress = true, deletionProtection = true } = args;
        const schedule = args.schedule ?? nightly(endpoint.name);
        const child = { parent: this };
        this.password = new random.RandomPassword(
            `${name}-password`,
            { length: 40, special: false },
            deletionProtection ? protectedBy(child) : child,
        ).result;

        const needs = { packages: backupPackages, programs: backupPrograms };
        const ready = servers.map((host) => prepareHost(name, host, needs, child));
        const storage = "host" in to ? folderOf(name, to, child) : bucketOf(name, to);
        const cluster = { kind: endpoint.kind, name: endpoint.name, healthPort: endpoint.healthPort };
        inTurn(ready, ({ host, ready }, before) =>
            applyRole(
                host,
                {
                    component: name,
                    kind: "backups",
                    steps: backupsSteps({
                        name,
                        host: host.name,
                        cluster,
                        members: endpoint.members.map((member) => member.name),
                        target: storage.target,
                        schedule,
                        keep,
                        compress,
                    }),
                    hosts: [...endpoint.members, ...storage.hosts],
                    values: { ...storage.values, ca: endpoint.ca, password: this.password },
                },
                { ...child, dependsOn: [ready, ...before, ...storage.ready] },
            ),
        );
        this.registerOutputs({ password: this.password });
    }
}

/** What the members need to know of the storage. */
interface MemberStorage {
    target: BackupTarget;
    hosts: NonNullable<RoleInput["hosts"]>;
    values: NonNullable<RoleInput["values"]>;
    ready: pulumi.Resource[];
}

function folderOf(
    name: string,
    { host, folder }: Extract<BackupDestination, { host: Host }>,
    opts: pulumi.CustomResourceOptions,
): MemberStorage {
    const user = `backup-${name}`;
    const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ED25519" }, opts);
    const { ready } = prepareHost(`${name}-folder`, host, { packages: [] }, opts);
    const role = applyRole(
        host,
        {
            component: name,
            kind: "folder",
            steps: backupFolderSteps({ user, folder }),
            values: { key: key.publicKeyOpenssh.apply((line) => line.trim()) },
        },
        { ...opts, dependsOn: ready },
    );
    const connection = pulumi.output(host.connection);
    return {
        target: { kind: "folder", host: host.name, user },
        hosts: [host],
        values: {
            key: key.privateKeyOpenssh,
            hostKey: connection.hostKey,
            port: connection.apply(({ port = 22 }) => String(port)),
        },
        ready: [role],
    };
}

function bucketOf(name: string, to: Exclude<BackupDestination, { host: Host }>): MemberStorage {
    const { bucket, endpoint, region, prefix, accessKey, secretKey } = to;
    const target = {
        kind: "s3" as const,
        bucket,
        endpoint,
        ...(region === undefined ? {} : { region }),
        ...(prefix === undefined ? {} : { prefix }),
    };
    const known = (at: string, value: pulumi.Input<string>) =>
        checkedLate("DatabaseBackups", name, `to.${at}`, accessWord, value);
    const credentials = pulumi.interpolate`[default]
aws_access_key_id = ${known("accessKey", accessKey)}
aws_secret_access_key = ${known("secretKey", secretKey)}
`;
    return { target, hosts: [], values: { credentials: pulumi.secret(credentials) }, ready: [] };
}

/** The arguments without what may be a credential: they are recorded in plain. */
function sealed({ servers, endpoint, to, ...rest }: DatabaseBackupsArgs): pulumi.Inputs {
    const where = "host" in to ? { folder: to.folder } : { bucket: to.bucket, endpoint: to.endpoint };
    return { ...rest, cluster: endpoint.name, servers: servers.length, to: where };
}
