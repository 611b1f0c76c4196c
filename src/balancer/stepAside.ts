import { check, drain, file, type Step } from "../hosts/roleText.ts";
import { MONITOR } from "./watch.ts";

/** Seconds for which nobody begins anew at most: a move takes less, and who asks a second and a third time is answered then. */
const HUSHED_S = 3;

export interface LeavingSettings {
    /** The pair's name. */
    name: string;
    /** Where visitors arrive. */
    addresses: string[];
    ports: number[];
    /** What decides about the addresses here, and is stopped for that. @default "keepalived" */
    unit?: string;
    /** Succeeds when other balancers have them, asked while that has stopped here. */
    elsewhere: string;
}

/** How a balancer leaves its address to another one. The program does so for all pairs of the host that share keepalived at once. */
export function leavingTheAddress({
    name,
    addresses,
    ports,
    unit = "keepalived",
    elsewhere,
}: LeavingSettings): Step[] {
    const folder = `/etc/evenkeel/balancers/${name}`;
    const [base, which] = unit === "keepalived" ? ["step-aside", ""] : [`${unit}-aside`, ` ${unit}`];
    const rules = `${folder}/${base}.nft`;
    const metrics = `http://127.0.0.1:${MONITOR.port}${MONITOR.metricsPath}?scope=backend`;
    return [
        file({ path: rules, text: hush(name, addresses, ports), template: true }),
        check(rules, `nft -c -f ${rules}`),
        file({ path: `${folder}/${base}.check`, text: `${elsewhere}\n` }),
        drain("traffic", `/usr/local/lib/evenkeel/step-aside ${metrics}${which}`),
    ];
}

/** Visitors who begin anew are not heard for the moment of the move. Loaded twice it is as loaded once. */
function hush(name: string, addresses: string[], ports: number[]): string {
    const hushed = addresses.length === 1 ? addresses[0] : `{ ${addresses.join(", ")} }`;
    const table = `inet evenkeel-step-aside-${name}`;
    return `table ${table}
delete table ${table}
table ${table} {
    set hushed {
        type inet_service
        flags timeout
        elements = { ${ports.map((port) => `${port} timeout ${HUSHED_S}s`).join(", ")} }
    }
    chain input {
        type filter hook input priority -10
        ip daddr ${hushed} tcp dport @hushed tcp flags & (syn | ack) == syn drop
    }
}
`;
}
