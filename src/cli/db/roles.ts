import { Unable } from "../unable.ts";
import { type Cluster, checked, hostNamed, memberProgram, runAloud, runOnAny, word } from "./cluster.ts";

/** What is done to a member of a cluster with one primary; a Galera cluster has other ways, or needs none. */
export type RoleChange = "switchover" | "promote" | "reseed";

const INSTEAD: Record<RoleChange, string> = {
    switchover:
        "has no primary to switch from: clients write to the first member that is well, and go elsewhere by themselves.\n" +
        "To work on a member, restart it without a failed write: galera-member restart, on its host.",
    promote:
        "needs no promotion: who has a quorum serves, and after an outage of all the newest member begins by itself.\n" +
        "If members are gone for good, let the majority begin: `recoverWithMajority: true`, and `pulumi up`.",
    reseed:
        "seeds its members by itself: one that lacks rows takes them over from another.\n" +
        "If a member's own data are damaged: database-backup follow --confirm CLUSTER, on its host.",
};

/** @param options words of the member's own command, such as a permission */
export async function changeRole(
    cluster: Cluster,
    change: RoleChange,
    host?: string,
    options: string[] = [],
): Promise<void> {
    if (cluster.kind === "galera") throw new Unable(`A Galera cluster ${INSTEAD[change]}`);
    const program = [memberProgram(cluster), change, ...options].join(" ");
    if (change === "switchover") {
        // Any member can tell the primary, whichever that is.
        const wanted = host === undefined ? "" : ` ${word(hostNamed(cluster, host).name)}`;
        const done = await runOnAny(cluster, `${program}${wanted}`, {
            onLine: (line) => console.error(line),
        });
        checked(done.host, done);
    } else {
        await runAloud(hostNamed(cluster, host!), program);
    }
}
