import { afterAll, expect } from "vitest";
import { noteWaits, spendAs, spent } from "./spending.ts";

/** Runs before each file of tests on hosts. */
spendAs(expect.getState().testPath ?? "");
noteWaits();
const begun = Date.now();
// Registered first, it runs after whatever the file's own tests leave to do.
afterAll(() => spent("file", begun));

const { poll } = expect;
const noted: typeof poll = (look, options) => {
    const from = Date.now();
    const once = async (given: { signal: AbortSignal }) => {
        try {
            return await look(given);
        } finally {
            spent("waiting", from);
        }
    };
    return poll(once, options);
};
expect.poll = noted;
