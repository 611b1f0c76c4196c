const EVERY_MS = 10_000;

/** Runs a long step: says what it is, every ten seconds how long it has taken so far, and when it is done. */
export async function step<Result>(
    what: string,
    work: (detail: (line: string) => void) => Promise<Result>,
): Promise<Result> {
    const start = Date.now();
    let last = "";
    const elapsed = () => `${Math.round((Date.now() - start) / 1000)} s`;
    console.error(`${what} ...`);
    const timer = setInterval(() => console.error(`  ${elapsed()}${last && `: ${last}`}`), EVERY_MS);
    try {
        const result = await work((line) => {
            last = line.trim().slice(0, 100) || last;
        });
        console.error(`  done in ${elapsed()}`);
        return result;
    } finally {
        clearInterval(timer);
    }
}
