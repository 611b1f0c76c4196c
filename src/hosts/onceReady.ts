import * as pulumi from "@pulumi/pulumi";

/**
 * The same value, but whoever uses it waits for `resource`. A URN is known in preview, so the value stays known there.
 */
export function onceReady<T>(value: pulumi.Input<T>, resource: pulumi.Resource): pulumi.Output<T> {
    return pulumi.all([value, resource.urn]).apply(([settled]) => settled as T);
}
