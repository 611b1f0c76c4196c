import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import { applyRole, type RoleInput } from "../hosts/applyRole.ts";
import type { Host } from "../hosts/host.ts";
import { prepareHost, protectedBy, rollOut } from "../hosts/hosts.ts";
import { refuse, when } from "../hosts/validation.ts";
import type { DatabaseEndpoint } from "../member/endpoint.ts";
import { type BackupDestination, destinationProblems } from "./destination.ts";
import { backupFolderSteps, backupPackages, backupPrograms, backupsSteps } from "./role.ts";
import { type BackupTarget, nightly } from "./storage.ts";

export interface DatabaseBackupsArgs {
    /** The cluster's members: `GaleraCluster.hosts` or `ReplicatedMySQL.hosts`. */
    servers: Host[];
    /** How they are reached: the cluster's `endpoint`. */
    endpoint: DatabaseEndpoint;
    /** Where the backups lie: a folder of a host, or S3-compatible storage. They are encrypted in both. */
    to: BackupDestination;
    /** When, in the words of systemd's OnCalendar; in UTC unless it names a zone. @default nightly, at a minute of the cluster's own between 1:00 and 5:00 UTC */
    schedule?: string;
    /** How many backups are kept; an older one goes when a newer one is whole and was read back. @default 14 */
    keep?: number;
    /** Whether they are compressed. @default true */
    compress?: boolean;
    /** Whether Pulumi refuses to delete the password, without which no backup can be read. @default true */
    deletionProtection?: boolean;
}

/** Backups of a cluster of databases, each made by a member that does not take the writes. */
export class DatabaseBackups extends pulumi.ComponentResource {
    /** The password of the backups; a secret. Keep it in another place too: with hosts and state gone, nothing else opens them. */
    readonly password: pulumi.Output<string>;

    constructor(name: string, args: DatabaseBackupsArgs, opts?: pulumi.ComponentResourceOptions) {
        validate(name, args);
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
        const storage = "host" in to ? folderOf(name, to, child) : bucketOf(to);
        const cluster = { kind: endpoint.kind, name: endpoint.name, healthPort: endpoint.healthPort };
        rollOut(ready, (host, dependsOn) =>
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
                { ...child, dependsOn: [...dependsOn, ...storage.ready] },
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

function bucketOf(to: Exclude<BackupDestination, { host: Host }>): MemberStorage {
    const { bucket, endpoint, region, prefix, accessKey, secretKey } = to;
    const target = {
        kind: "s3" as const,
        bucket,
        endpoint,
        ...(region === undefined ? {} : { region }),
        ...(prefix === undefined ? {} : { prefix }),
    };
    const credentials = pulumi.interpolate`[default]
aws_access_key_id = ${accessKey}
aws_secret_access_key = ${secretKey}
`;
    return { target, hosts: [], values: { credentials: pulumi.secret(credentials) }, ready: [] };
}

/** The arguments without what may be a credential: they are recorded in plain. */
function sealed({ servers, endpoint, to, ...rest }: DatabaseBackupsArgs): pulumi.Inputs {
    const where = "host" in to ? { folder: to.folder } : { bucket: to.bucket, endpoint: to.endpoint };
    return { ...rest, cluster: endpoint.name, servers: servers.length, to: where };
}

function validate(name: string, { servers, endpoint, to, schedule, keep }: DatabaseBackupsArgs): void {
    refuse("DatabaseBackups", name, [
        ...when(!servers?.length, "servers", "give the cluster's hosts"),
        ...when(!endpoint, "endpoint", "give the cluster's endpoint"),
        ...when(
            schedule !== undefined && !/^[^\r\n]*\S[^\r\n]*$/.test(schedule),
            "schedule",
            'give one line in the words of OnCalendar, such as "*-*-* 02:30"',
        ),
        ...when(
            keep !== undefined && !(Number.isInteger(keep) && keep > 0),
            "keep",
            `${keep} is not a number of backups: give 1 or more`,
        ),
        ...when(
            !!to && "host" in to && !/^[a-z][a-z0-9-]{0,23}$/.test(name),
            "name",
            `"${name}" is no part of a user's name: with a folder, use at most 24 lower-case letters, digits and hyphens`,
        ),
        ...destinationProblems("to", to),
    ]);
}
