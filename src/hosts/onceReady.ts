import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host.ts";

/**
 * The same value, but whoever uses it waits for `resource`. A URN is known in preview, so the value stays known there.
 */
export function onceReady<T>(value: pulumi.Input<T>, resource: pulumi.Resource): pulumi.Output<T> {
    return pulumi.all([value, resource.urn]).apply(([settled]) => settled as T);
}

/** The host such that whoever uses it waits for `resource`. */
export const hostOnceReady = (host: Host, resource: pulumi.Resource): Host => ({
    ...host,
    privateAddress: onceReady(host.privateAddress, resource),
    connection: onceReady(host.connection, resource),
});
