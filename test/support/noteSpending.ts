import { expect } from "vitest";
import { noteWaits, spendAs, spent } from "./spending.ts";

/** Runs before each file of tests on hosts. */
spendAs(expect.getState().testPath ?? "");
noteWaits();

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
