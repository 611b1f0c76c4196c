import type * as pulumi from "@pulumi/pulumi";
import type { Host } from "../hosts/host.ts";
import { type Problem, when } from "../hosts/validation.ts";

/** Where backups lie. */
export type BackupDestination = BackupFolder | BackupBucket;

/** A folder of a host that SSH reaches; the members come with a key of their own, which opens that folder alone. */
export interface BackupFolder {
    host: Host;
    /** Absolute path, such as "/srv/backups"; it and the folders above it belong to root. */
    folder: string;
}

/** A bucket of S3-compatible storage. */
export interface BackupBucket {
    bucket: string;
    /** Such as "https://fra1.digitaloceanspaces.com". */
    endpoint: string;
    /** @default the storage's own */
    region?: string;
    accessKey: pulumi.Input<string>;
    /** Treated as a secret. */
    secretKey: pulumi.Input<string>;
    /** Path in the bucket. @default its root */
    prefix?: string;
}

export function destinationProblems(path: string, to: BackupDestination | undefined): Problem[] {
    if (!to) {
        return [{ propertyPath: path, reason: "say where: `{ host, folder }` or `{ bucket, endpoint, … }`" }];
    }
    return "host" in to ? folderProblems(path, to) : bucketProblems(path, to);
}

function folderProblems(path: string, { folder }: BackupFolder): Problem[] {
    return when(
        !/^(\/[\w-][\w.-]*)+$/.test(folder),
        `${path}.folder`,
        `"${folder}" is not an absolute path: write it as /srv/backups`,
    );
}

function bucketProblems(path: string, to: BackupBucket): Problem[] {
    const { bucket, endpoint, region, accessKey, secretKey, prefix } = to;
    return [
        ...when(
            !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket),
            `${path}.bucket`,
            `"${bucket}" is not the name of a bucket`,
        ),
        ...when(
            !/^https?:\/\/[\w.-]+(:\d+)?\/?$/.test(endpoint),
            `${path}.endpoint`,
            `"${endpoint}" is not an address: write it as https://fra1.digitaloceanspaces.com`,
        ),
        ...when(
            region !== undefined && !/^[\w-]+$/.test(region),
            `${path}.region`,
            `"${region}" is not a region`,
        ),
        ...when(
            prefix !== undefined && !/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(prefix),
            `${path}.prefix`,
            `"${prefix}" is not a path in a bucket: no / at its ends`,
        ),
        ...when(!accessKey, `${path}.accessKey`, "is missing"),
        ...when(!secretKey, `${path}.secretKey`, "is missing"),
    ];
}
