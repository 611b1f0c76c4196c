import { ApiError } from "../api/errors.ts";
import type { SetHeader } from "../api/provider.ts";
import { requestLog } from "../api/requestLog.ts";
import type { Limits } from "./context.ts";
import { says } from "./errors.ts";

/** So many requests a second from one address; refused ones do not count. */
export function rateLimiter(limits: Limits, now: () => number = Date.now) {
    const requests = requestLog(1000, now);
    return function admit(address: string, setHeader: SetHeader): void {
        const recent = requests(address);
        if (recent.length >= limits.requestsPerSecond) {
            setHeader("retry-after", 1);
            throw new ApiError(429, says(429));
        }
        recent.push(now());
    };
}
