import { ApiError } from "../api/errors.ts";
import type { SetHeader } from "../api/provider.ts";
import { requestLog } from "../api/requestLog.ts";
import type { Limits } from "./context.ts";
import { says } from "./errors.ts";

const hour = 3_600_000;
const minute = 60_000;

/** Every request counts for an hour and, against the burst limit, for a minute; refused ones do not count. */
export function rateLimiter(limits: Limits, now: () => number = Date.now) {
    const requests = requestLog(hour, now);
    const keyLists = requestLog(minute, now);

    return function admit(caller: string, setHeader: SetHeader, isKeyList: boolean): void {
        const lastHour = requests(caller);
        const lastMinute = lastHour.filter((time) => time > now() - minute);
        const listed = keyLists(caller);
        const refusal = (oldest: number | undefined) => {
            setHeader("ratelimit-remaining", 0);
            if (oldest !== undefined) setHeader("retry-after", Math.ceil((oldest + minute - now()) / 1000));
            return new ApiError(429, says(429));
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
