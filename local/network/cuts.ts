import { names, nft } from "./namespaces.ts";

export type Cut = "in" | "out" | "both";

/** What arrives through the uplinks goes in; what arrives from the host's side goes out. */
const SIDES = { in: ["uplink0", "uplink1"], out: ["host0", "host1"] };

/** Drops everything one way or both ways, connections that stand included; undefined heals. */
export async function cutHost(cloud: string, id: number, cut: Cut | undefined): Promise<void> {
    await nft(names.port(cloud, id), cutRules(cut));
}

export function cutRules(cut: Cut | undefined): string {
    const cleared = "table netdev cut {}\ndelete table netdev cut\n";
    if (cut === undefined) return cleared;
    const devices = (cut === "both" ? [...SIDES.in, ...SIDES.out] : SIDES[cut]).join(", ");
    return `${cleared}table netdev cut {
    chain everything {
        type filter hook ingress devices = { ${devices} } priority -500; policy drop;
    }
}
`;
}
