import type { BalancedPool } from "./listeners.ts";
import { LEAST_PERCENT } from "./loadAgent.ts";

/** The highest that HAProxy has; they are whole numbers. */
const MOST = 256;

/** Times by which weights stand higher at HAProxy where agents take a part of them: of 1 each part would be none. */
function stepsOf(weights: Record<string, number>): number {
    return Math.min(100, Math.floor(MOST / Math.max(1, ...Object.values(weights))));
}

/** What a server's line says; nothing is 1. */
export function configuredWeight(
    { weights = {}, weightByLoad }: BalancedPool,
    name: string,
): number | undefined {
    if (!weightByLoad) return weights[name];
    return (weights[name] ?? 1) * stepsOf(weights);
}

/** Whether the least part of the least weight is still one. */
export function leaveRoom(weights: Record<string, number>, names: string[]): boolean {
    const least = Math.min(...names.map((name) => weights[name] ?? 1).filter((weight) => weight > 0));
    return (least * stepsOf(weights) * LEAST_PERCENT) / 100 >= 1;
}

/** Times that one weight may be another one, where that is so. */
export const MOST_TIMES = Math.floor((MOST * LEAST_PERCENT) / 100);
