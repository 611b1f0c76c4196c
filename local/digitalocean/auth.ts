import { ApiError } from "../api/errors.ts";
import { bearer } from "../api/provider.ts";
import { forbidden, says } from "./errors.ts";

export interface Tokens {
    token: string;
    failoverToken: string;
}

type Caller = "full" | "failover";

/** The scopes of the token that hosts hold: enough to move a reserved IP, and nothing else. */
const failoverMay: [string, RegExp][] = [
    ["GET", /^\/v2\/reserved_ips(\/[^/]+(\/actions(\/\d+)?)?)?$/],
    ["POST", /^\/v2\/reserved_ips\/[^/]+\/actions$/],
    ["GET", /^\/v2\/droplets(\/\d+(\/actions(\/\d+)?)?)?$/],
    ["GET", /^\/v2\/actions(\/\d+)?$/],
    ["GET", /^\/v2\/(regions|sizes|images(\/[^/]+)?)$/],
];

export function callerOf(authorization: string | undefined, { token, failoverToken }: Tokens): Caller {
    const given = bearer(authorization);
    if (given === token) return "full";
    if (given === failoverToken) return "failover";
    throw new ApiError(401, says(401));
}

export function authorize(caller: string, method: string, path: string): void {
    const asked = method === "HEAD" ? "GET" : method;
    if (caller === "full" || failoverMay.some(([allowed, form]) => allowed === asked && form.test(path)))
        return;
    throw forbidden(says(403));
}
