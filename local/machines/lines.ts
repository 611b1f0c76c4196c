/** Work that must not overlap, in one line per key: `inLine(key, work)` starts when all before it has ended. */
export function lines<Key>(): <Result>(key: Key, work: () => Promise<Result>) => Promise<Result> {
    const last = new Map<Key, Promise<unknown>>();
    return (key, work) => {
        const result = (last.get(key) ?? Promise.resolve()).then(work, work);
        const settled = result.catch(() => {});
        last.set(key, settled);
        void settled.then(() => last.get(key) === settled && last.delete(key));
        return result;
    };
}
