/** Takes of several the one after the other; when one fails, those who wait do not go. */
export class Turns {
    #last: Promise<void> = Promise.resolve();
    #ends = new Map<string, { pass: () => void; fail: (error: Error) => void }>();

    /** Resolves when it is this one's turn; rejects when one before it failed. */
    take(name: string): Promise<void> {
        const before = this.#last;
        this.#last = new Promise<void>((pass, reject) => {
            this.#ends.set(name, { pass, fail: reject });
        });
        // Whoever waits is told; nobody may.
        this.#last.catch(() => {});
        return before.catch((error: Error) => {
            this.#ends.get(name)!.fail(error);
            throw error;
        });
    }

    pass(name: string): void {
        this.#ends.get(name)?.pass();
    }

    fail(name: string): void {
        this.#ends
            .get(name)
            ?.fail(new Error(`${name} is not back in service: the hosts after it stay as they are`));
    }
}
