import type { Host } from "../hosts/host.ts";
import { hostNames } from "../hosts/hosts.ts";
import type { Step } from "../hosts/roleText.ts";
import type { Problem } from "../hosts/validation.ts";
import type { PoolGroup, Release, WebPoolArgs } from "./args.ts";
import { groupHostProblems } from "./groupRules.ts";
import { type WebPhp, webSteps } from "./role.ts";
import { siteLayout } from "./site.ts";
import { type SiteSource, sourceOf, sourceProblems } from "./siteFiles.ts";
import { phpSizing } from "./sizing.ts";
import { groups as groupsCheck } from "./validate.ts";

/** Hosts of a pool that serve the same: a group, or all of them where there are no groups. */
export interface Part {
    group: PoolGroup | undefined;
    /** As if the part were a pool of its own. */
    args: WebPoolArgs;
    source: SiteSource;
}

/** The parts of a pool in the order in which they are upgraded; its arguments may be wrong. */
export function partsOf(args: WebPoolArgs | undefined): Part[] {
    const groups = args?.groups;
    if (args === undefined || groups === undefined || groupsCheck("groups", groups).length > 0)
        return [{ group: undefined, args: args ?? {}, source: sourceOf(args) }];
    const sources = new Map<Release | undefined, SiteSource>();
    return groups.map((group) => {
        const own = argsOf(args, group);
        const source = sources.get(own.release) ?? sourceOf(own);
        sources.set(own.release, source);
        return { group, args: own, source };
    });
}

export const partHosts = (name: string, { group, args }: Part): string[] =>
    group?.hosts ?? hostNames(name, args);

/** What a group does not say is the pool's. */
function argsOf({ groups: _, ...pool }: WebPoolArgs, group: PoolGroup): WebPoolArgs {
    const { name: __, hosts: ___, ...given } = group;
    const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const { files, phpSettings } = given;
    return {
        ...pool,
        ...own,
        ...(files && isObject(pool.files) ? { files: { ...pool.files, ...files } } : {}),
        ...(phpSettings && isObject(pool.phpSettings)
            ? { phpSettings: { ...pool.phpSettings, ...phpSettings } }
            : {}),
    };
}

const isObject = (value: unknown) => typeof value === "object" && value !== null;

/** What is wrong with hosts and files of the parts, where the program says it; `found` is what is wrong already. */
export function partProblems(name: string, args: WebPoolArgs, parts: Part[], found: Problem[]): Problem[] {
    const isSound = !found.some(({ propertyPath }) =>
        /^(args|name|placement|hosts|hostCount|groups)\b/.test(propertyPath),
    );
    const problems = parts.flatMap(({ group, args: own, source }, i) =>
        sourceProblems(own, source).map(({ propertyPath, reason }) => {
            const key = propertyPath.split(".")[0] as keyof PoolGroup;
            const isOwn = group?.[key] !== undefined;
            return { propertyPath: isOwn ? `groups[${i}].${propertyPath}` : propertyPath, reason };
        }),
    );
    return [
        ...(isSound ? groupHostProblems(name, args) : []),
        // Of what several groups have in common, once.
        ...new Map(problems.map((each) => [JSON.stringify(each), each])).values(),
    ];
}

const PRIVATE_NETWORKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** The role of a part's host. */
export function partSteps(name: string, args: WebPoolArgs, host: Host): Step[] {
    const { port = 80, healthPath = "/healthz", maxUpload = 64, trustedProxies = PRIVATE_NETWORKS } = args;
    const { documentRoot, current } = siteLayout(name, args);
    return webSteps(host.name, {
        pool: name,
        engine: args.engine,
        apacheModules: args.apacheModules ?? [],
        documentRoot,
        port,
        healthPath,
        maxUpload,
        trustedProxies,
        staticMaxAge: args.staticMaxAge,
        pageCache: args.pageCache,
        php: partPhp(name, args, host),
        current,
        ...(args.gate ? { isGated: true } : {}),
    });
}

/** PHP on a part's host, if there is any. */
export function partPhp(name: string, args: WebPoolArgs, { name: host }: Host): WebPhp | undefined {
    const { phpSettings: settings = {}, phpExtensions: extensions = [] } = args;
    const { user, writable, written } = siteLayout(name, args);
    if (user === undefined) return undefined;
    return { ...phpSizing(host, args), user, extensions, writable, written, settings };
}
