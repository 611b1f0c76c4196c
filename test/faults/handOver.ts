import { within } from "../../tools/waiting.ts";
import type { Flagship } from "../support/flagship.ts";
import { settled } from "./pair.ts";

/** The active balancer's keepalived is stopped until the other has the address. */
export async function handOver(
    site: Flagship,
    during: () => Promise<unknown> = async () => {},
): Promise<void> {
    const { active, standby } = await settled(site);
    await site.on(active, "systemctl stop keepalived");
    try {
        await during();
        const moved = async () => (await site.holder()) === standby;
        await within(30, `the address to move to ${standby}`, moved, 500);
    } finally {
        await site.on(active, "systemctl start keepalived");
    }
}
