import { expect, test } from "vitest";
import { Turns } from "../../../src/hosts/turns.ts";

/** Lets everything run that waits for nothing but promises. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("one after the other, in the order in which they ask", async () => {
    const turns = new Turns();
    const gone: string[] = [];
    for (const name of ["a", "b", "c"]) turns.take(name).then(() => gone.push(name));
    await settle();
    expect(gone).toEqual(["a"]);
    turns.pass("a");
    await settle();
    expect(gone).toEqual(["a", "b"]);
    turns.pass("b");
    await settle();
    expect(gone).toEqual(["a", "b", "c"]);
});

test("when one fails, those after it do not go, and are told of which", async () => {
    const turns = new Turns();
    const taken = ["a", "b", "c"].map((name) => turns.take(name));
    turns.fail("a");
    await taken[0];
    for (const each of taken.slice(1)) await expect(each).rejects.toThrow(/^a is not back in service/);
});
