import { ApiError, forbidden } from "./errors.ts";

export interface Tokens {
    token: string;
    failoverToken: string;
}

export type Caller = "full" | "failover";

/** The scopes of the token that hosts hold: enough to move a reserved IP, and nothing else. */
const failoverMay: [string, RegExp][] = [
    ["GET", /^\/v2\/reserved_ips(\/[^/]+(\/actions(\/\d+)?)?)?$/],
    ["POST", /^\/v2\/reserved_ips\/[^/]+\/actions$/],
    ["GET", /^\/v2\/droplets(\/\d+(\/actions(\/\d+)?)?)?$/],
    ["GET", /^\/v2\/actions(\/\d+)?$/],
    ["GET", /^\/v2\/(regions|sizes|images(\/[^/]+)?)$/],
];

export function callerOf(authorization: string | undefined, { token, failoverToken }: Tokens): Caller {
    const given = /^bearer +(.+)$/i.exec(authorization ?? "")?.[1];
    if (given === token) return "full";
    if (given === failoverToken) return "failover";
    throw new ApiError(401, "Unauthorized", "Unable to authenticate you");
}

export function authorize(caller: Caller, method: string, path: string): void {
    const asked = method === "HEAD" ? "GET" : method;
    if (caller === "full" || failoverMay.some(([allowed, form]) => allowed === asked && form.test(path)))
        return;
    throw forbidden("You are not authorized to perform this operation");
}
