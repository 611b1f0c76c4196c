import { expect, test } from "vitest";
import { lines } from "../../../local/machines/lines.ts";

test("work of one key never overlaps, also after a failure; keys do not wait for each other", async () => {
    const inLine = lines<string>();
    const events: string[] = [];
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
        release = resolve;
    });
    const first = inLine("a", async () => {
        events.push("first starts");
        await gate;
        events.push("first fails");
        throw new Error("no");
    });
    const second = inLine("a", async () => void events.push("second"));
    await inLine("b", async () => void events.push("other key"));
    release();
    await expect(first).rejects.toThrow("no");
    await second;
    expect(events).toEqual(["first starts", "other key", "first fails", "second"]);
});
