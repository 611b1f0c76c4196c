import * as pulumi from "@pulumi/pulumi";
import type { Catalogue, CloudName } from "../clouds/cloud.ts";
import { cloudOf } from "../clouds/cloudOf.ts";
import { nearest } from "./nearest.ts";
import { type Problem, quoted, refuseLate } from "./validation.ts";

/** A slug that the cloud must have, and the argument that it comes from. */
interface Slug<Text> {
    at: string;
    slug: Text;
}

interface Slugs<Text> {
    region: Slug<Text>;
    size?: Slug<string>;
}

/**
 * Options for what must not be made before the cloud's catalogue is known to have these: a preview finds out, instead of the
 * cloud when half of the hosts are there.
 */
export function onceInCatalogue(
    name: string,
    cloudName: CloudName,
    { region, size }: Slugs<pulumi.Input<string>>,
    opts: pulumi.CustomResourceOptions,
): pulumi.CustomResourceOptions {
    const parent = opts.parent!;
    const ask = cloudOf(cloudName).catalogue(parent);
    if (!ask) return opts;
    const found = pulumi.output(region.slug).apply(async (slug) => {
        const known = await ask({ region: slug, size: size?.slug });
        if (!known) return [];
        const slugs = { region: { at: region.at, slug }, ...(size ? { size } : {}) };
        refuseLate(parent.constructor.name, name, missingSlugs(known, slugs));
        const scarce = scarceSize(known, slugs);
        if (scarce) pulumi.log.warn(scarce, parent);
        return [];
    });
    return pulumi.mergeOptions(opts, { dependsOn: found });
}

export function missingSlugs(
    { regions, sizes, isWhole = true }: Catalogue,
    { region, size }: Slugs<string>,
): Problem[] {
    const slugs = regions.map(({ slug }) => slug);
    return [
        ...missing(region, "region", slugs, isWhole),
        ...(size ? missing(size, "size", sizes, isWhole) : []),
    ];
}

function missing({ at, slug }: Slug<string>, kind: string, slugs: string[], isWhole: boolean): Problem[] {
    if (slugs.includes(slug)) return [];
    const reason = `${quoted(slug)} is no ${kind} of the cloud`;
    if (!isWhole) return [{ propertyPath: at, reason }];
    const meant = nearest(slug, slugs);
    const others = meant === undefined ? `there are ${slugs.join(", ")}` : `did you mean "${meant}"?`;
    return [{ propertyPath: at, reason: `${reason}: ${others}` }];
}

/** No error: hosts that are there stay what they are, whatever the region has room for at present. */
export function scarceSize({ regions }: Catalogue, { region, size }: Slugs<string>): string | undefined {
    const here = regions.find(({ slug }) => slug === region.slug);
    if (!size || here?.sizes.includes(size.slug)) return undefined;
    return `there is no ${size.slug} in ${region.slug} at present: the cloud would refuse a new host`;
}
