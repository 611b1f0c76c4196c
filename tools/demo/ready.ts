import type { Cloud } from "../../local/clouds/clouds.ts";
import { findRecord } from "../../local/commands/hosts.ts";
import { runInside } from "../../local/machines/inside.ts";
import { headline } from "../../local/progress.ts";
import { problemOf, type States } from "../../src/cli/db/states.ts";
import { succeeds, within } from "../waiting.ts";

/** After a power cut of all of them, members look for the newest rows before they begin. */
const PATIENCE_SECONDS = 180;

/** A plug is pulled only where another host can take over: both balancers are at work. */
export const untilBalancersWell = (cloud: Cloud) =>
    untilWell("both balancers to be at work", async () => {
        const atWork = ["lb-0", "lb-1"].map((host) =>
            runInside(cloud.name, findRecord(cloud, host), "systemctl is-active haproxy keepalived"),
        );
        return succeeds(Promise.all(atWork));
    });

/** Likewise every member of the database's cluster: two of three are its majority. */
export const untilMembersWell = (cloud: Cloud) =>
    untilWell("all members of the database to be well", async () => {
        const said = await runInside(
            cloud.name,
            findRecord(cloud, "db-0"),
            "/usr/local/lib/evenkeel/galera-member status",
        ).catch(() => undefined);
        if (said === undefined) return false;
        return Object.values(JSON.parse(said) as States).every((state) => !problemOf(state));
    });

async function untilWell(what: string, holds: () => Promise<boolean>): Promise<void> {
    if (await holds()) return;
    const progress = headline(`waiting for ${what}`);
    try {
        await within(PATIENCE_SECONDS, what, holds, 500);
        progress.end("done");
    } catch (error) {
        progress.end("failed");
        throw error;
    }
}
