import { expect, test } from "vitest";
import { noSlice } from "../../../local/clouds/clouds.ts";

test("where no slice is left, those who have them are named, and how to end one", () => {
    expect(noSlice(["test-front", "test-701"])).toBe(
        'All 12 slices are taken, by test-front, test-701: end one with "npm run local -- down --name test-front".',
    );
    expect(noSlice([])).toBe(
        "All 12 slices of the documentation ranges are in use by networks of this machine.",
    );
});
