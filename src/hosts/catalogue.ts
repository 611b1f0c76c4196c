import * as pulumi from "@pulumi/pulumi";
import type { CloudName } from "../clouds/cloud.ts";
import { cloudOf } from "../clouds/cloudOf.ts";
import { nearest } from "./nearest.ts";
import { type Problem, quoted, refuseLate } from "./validation.ts";

/** A slug that the cloud must have, and the argument that it comes from. */
interface Slug {
    at: string;
    slug: pulumi.Input<string>;
}

/**
 * Options for what must not be made before the cloud's catalogue is known to have these: a preview finds out, instead of the
 * cloud when half of the hosts are there.
 */
export function onceInCatalogue(
    component: string,
    cloudName: CloudName,
    { region, size }: { region: Slug; size?: Slug },
    opts: pulumi.CustomResourceOptions,
): pulumi.CustomResourceOptions {
    const parent = opts.parent!;
    const catalogue = cloudOf(cloudName).catalogue(parent);
    if (!catalogue) return opts;
    const known = pulumi.all([catalogue, region.slug, size?.slug]).apply(([found, inRegion, ofSize]) => {
        if (!found) return [];
        const here = found.regions.find(({ slug }) => slug === inRegion);
        const regions = found.regions.map(({ slug }) => slug);
        const lacks = [
            ...missing(region.at, inRegion, "region", regions),
            ...(size ? missing(size.at, ofSize, "size", found.sizes) : []),
        ];
        refuseLate(parent.constructor.name, component, lacks);
        // Hosts that are there stay what they are, so this is no error.
        if (size && !here?.sizes.includes(ofSize!))
            pulumi.log.warn(
                `${cloudName} offers no ${ofSize} in ${inRegion} at present: a new host would be refused`,
                parent,
            );
        return [];
    });
    return pulumi.mergeOptions(opts, { dependsOn: known });
}

function missing(at: string, slug: string | undefined, kind: string, slugs: string[]): Problem[] {
    if (slug === undefined || slugs.includes(slug)) return [];
    const meant = nearest(slug, slugs);
    const others = meant === undefined ? `there are ${slugs.join(", ")}` : `did you mean "${meant}"?`;
    return [{ propertyPath: at, reason: `${quoted(slug)} is no ${kind} of the cloud: ${others}` }];
}
