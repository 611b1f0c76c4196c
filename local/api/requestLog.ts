/** When each caller's requests of the last `span` milliseconds came: a list to add to. */
export function requestLog(span: number, now: () => number): (caller: string) => number[] {
    const log = new Map<string, number[]>();
    return (caller) => {
        const times = (log.get(caller) ?? []).filter((time) => time > now() - span);
        log.set(caller, times);
        return times;
    };
}
