import type { Limits } from "./context.ts";
import { ApiError } from "./errors.ts";

const hour = 3_600_000;
const minute = 60_000;

/** Every request counts for an hour and, against the burst limit, for a minute; refused ones do not count. */
export function rateLimiter(limits: Limits, now: () => number = Date.now) {
    const requests = new Map<string, number[]>();
    const keyLists = new Map<string, number[]>();

    function recent(log: Map<string, number[]>, caller: string, span: number): number[] {
        const times = (log.get(caller) ?? []).filter((time) => time > now() - span);
        log.set(caller, times);
        return times;
    }

    return function admit(
        caller: string,
        setHeader: (name: string, value: number) => void,
        isKeyList: boolean,
    ): void {
        const lastHour = recent(requests, caller, hour);
        const lastMinute = lastHour.filter((time) => time > now() - minute);
        const listed = recent(keyLists, caller, minute);
        const refusal = (oldest: number | undefined) => {
            setHeader("ratelimit-remaining", 0);
            if (oldest !== undefined) setHeader("retry-after", Math.ceil((oldest + minute - now()) / 1000));
            return new ApiError(429, "too_many_requests", "API rate limit exceeded.");
        };
        setHeader("ratelimit-limit", limits.requestsPerHour);
        setHeader("ratelimit-reset", Math.ceil(((lastHour[0] ?? now()) + hour) / 1000));
        if (lastHour.length >= limits.requestsPerHour) throw refusal(undefined);
        if (lastMinute.length >= limits.requestsPerMinute) throw refusal(lastMinute[0]);
        if (isKeyList && listed.length >= limits.keyListsPerMinute) throw refusal(listed[0]);
        lastHour.push(now());
        if (isKeyList) listed.push(now());
        setHeader("ratelimit-remaining", limits.requestsPerHour - lastHour.length);
    };
}
