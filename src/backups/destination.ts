import type * as pulumi from "@pulumi/pulumi";
import type { Host } from "../hosts/host.ts";

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
    /** Such as "https://objects.example.com". */
    endpoint: string;
    /** @default the storage's own */
    region?: string;
    accessKey: pulumi.Input<string>;
    /** Treated as a secret. */
    secretKey: pulumi.Input<string>;
    /** Path in the bucket. @default its root */
    prefix?: string;
}
