import { createHash } from "node:crypto";
import { memberAliases } from "../member/endpoint.ts";

export interface DatabaseNamesSettings {
    /** The cluster's name. */
    name: string;
    members: string[];
    /** As the endpoint has it. */
    readsFrom?: "writer" | string[] | undefined;
    /** Socket on which HAProxy tells what it thinks of each member. */
    stats: string;
}

/** What onhost/database-names goes by. */
export function namesConfig({ name, members, readsFrom, stats }: DatabaseNamesSettings): string {
    const config = {
        ...memberAliases(name),
        listen: loopback(name),
        stats,
        readsFromWriter: readsFrom === "writer",
        members: Object.fromEntries(members.map((member) => [member, `{{address ${member}}}`])),
    };
    return `${JSON.stringify(config, null, 2)}\n`;
}

/** An address of the host's own loopback that no other cluster's names are on, nor any resolver that hosts come with. */
function loopback(cluster: string): string {
    const [a = 0, b = 0] = createHash("sha256").update(cluster).digest();
    return `127.53.${a}.${1 + (b % 254)}`;
}
