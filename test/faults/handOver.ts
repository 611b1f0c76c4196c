import { within } from "../../tools/waiting.ts";
import type { Flagship } from "../support/flagship.ts";
import { type Engine, KEEPALIVED } from "./engines.ts";
import { settled } from "./pair.ts";

/** What decides is stopped on the active balancer until the other has the address. */
export async function handOver(
    site: Flagship,
    during: () => Promise<unknown> = async () => {},
    { unit }: Engine = KEEPALIVED,
): Promise<void> {
    const { active, standby } = await settled(site);
    await site.on(active, `systemctl stop ${unit}`);
    try {
        await during();
        const moved = async () => (await site.holder()) === standby;
        await within(30, `the address to move to ${standby}`, moved, 500);
    } finally {
        await site.on(active, `systemctl start ${unit}`);
    }
}
