import { hosts } from "../hosts/arguments.ts";
import { hostFolder, port } from "../hosts/names.ts";
import { type Check, input, optional, text, wrongKind } from "../hosts/shape.ts";
import { kindOf, type Problem } from "../hosts/validation.ts";
import { user } from "./validate.ts";
import type { WebPool } from "./webPool.ts";

type Part = "hosts" | "phpPool" | "port" | "root" | "user" | "version";

const CHECKS: Record<Part, Check> = {
    hosts,
    phpPool: optional(
        text("a pool of PHP-FPM", /^evenkeel-[a-z][a-z0-9-]{0,39}$/, "use the `WebPool` itself"),
    ),
    port,
    root: hostFolder,
    user: optional(user),
    version: input(text("a version", /^[0-9a-f]{64}$/, "use the `WebPool` itself")),
};

/** A `WebPool`, or what another component gives of one. */
export const webPool =
    (...parts: Part[]): Check =>
    (at, value) => {
        const kind = kindOf(value);
        if (kind !== "an object" && kind !== "a component itself") return wrongKind(at, value, "a `WebPool`");
        const pool = value as Pick<WebPool, Part>;
        if (pool.hosts === undefined) return wrongKind(at, value, "a `WebPool`");
        const problems = parts.flatMap((part): Problem[] => CHECKS[part](`${at}.${part}`, pool[part]));
        const hasPhp = pool.phpPool !== undefined && pool.user !== undefined;
        return hasPhp || problems.length > 0
            ? problems
            : [{ propertyPath: at, reason: "has no PHP: give that pool `php: true`" }];
    };
