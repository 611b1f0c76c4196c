import { CloudName } from "./cloud.ts";
import { cloudOf } from "./cloudOf.ts";

/** Whose slug this is, if it looks like another cloud's, and not like one of this cloud. */
export function anotherClouds(
    kind: "region" | "size",
    slug: string,
    cloud: CloudName,
): CloudName | undefined {
    if (cloudOf(cloud).slugs[kind].test(slug)) return undefined;
    return Object.values(CloudName).find((other) => cloudOf(other).slugs[kind].test(slug));
}
