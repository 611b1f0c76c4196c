import { relative } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { recorded } from "../hosts/hosts.ts";
import type { Release, WebPoolArgs } from "./args.ts";

/** Without texts. Pulumi runs a program in its project's folder: the same checkout elsewhere is no change. */
export function recordedPool({ files: _, folder, release, groups, ...rest }: WebPoolArgs): pulumi.Inputs {
    return {
        ...recorded(rest),
        ...(folder === undefined ? {} : { folder: here(folder) }),
        ...(release === undefined ? {} : { release: recordedRelease(release) }),
        ...(groups === undefined
            ? {}
            : {
                  groups: groups.map(({ files: _, release, ...group }) => ({
                      ...group,
                      ...(release === undefined ? {} : { release: recordedRelease(release) }),
                  })),
              }),
    };
}

const here = (path: string) => relative(process.cwd(), path) || ".";

const recordedRelease = ({ folder, archive, ...rest }: Release) => ({
    ...rest,
    ...(folder === undefined ? {} : { folder: here(folder) }),
    ...(archive === undefined ? {} : { archive: here(archive) }),
});
