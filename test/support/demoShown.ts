import { expect } from "vitest";

/** What a demo of the flagship says from its first request to the preview at its end. */
export function expectShown(shown: string): void {
    const [, first, second] = /web-0: (\d+)\s+web-1: (\d+)\s+failed: 0\s/.exec(shown)!;
    expect(Number(first) + Number(second)).toBe(1000);
    expect(Math.abs(Number(first) - Number(second))).toBeLessThanOrEqual(100);
    const gaps = [...shown.matchAll(/longest time without an answer: (\d+) ms/g)].map(([, gap]) =>
        Number(gap),
    );
    // The balancer's and the database's.
    expect(gaps).toHaveLength(2);
    for (const gap of gaps) {
        expect(gap).toBeGreaterThan(0);
        expect(gap).toBeLessThan(10_000);
    }
    expect(shown).toMatch(/- +<h1>Hello from evenkeel<\/h1>\s+\+ +<h1>Good evening<\/h1>/);
}
