import { setTimeout as sleep } from "node:timers/promises";
import { masterMark } from "../../src/balancer/reservedIp.ts";
import type { Flagship } from "../support/flagship.ts";

/** The balancers by what they are. */
export interface Pair {
    active: string;
    standby: string;
}

const BALANCERS = ["lb-0", "lb-1"];
/** Of an engine that does not run it says nothing. */
const LOOK = `
systemctl is-active -q keepalived &&
    journalctl -q -o cat _SYSTEMD_INVOCATION_ID=$(systemctl show -P InvocationID keepalived) | grep -oP 'Entering \\K[A-Z]+(?= STATE)' | tail -n 1
if systemctl is-active -q pacemaker && [ "$(crm_node --partition | wc -w)" = 2 ]; then
    who=$(crm_resource --resource lb-address --locate 2>/dev/null | sed -n 's/.* is running on: //p' | xargs)
    if [ "$who" = "$(crm_node --name)" ]; then echo MASTER; elif [ "$who" ]; then echo BACKUP; fi
fi
ip -4 -oneline address show dev lo to ${masterMark(51)} | grep -q . && echo marked
if systemctl is-active -q evenkeel-nginx@lb; then
    sed -n 's|^web-[0-9]*:80/[^ ]* ||p' /run/evenkeel-nginx-lb/backends
else
    echo show stat | nc -U /run/haproxy/admin.sock | grep '^lb-http-80,web-' | cut -d, -f18
fi`;

/** What a balancer says of itself: what it is to the failover engine, whether the master's mark is on it, how it sees each web host. */
async function look(site: Flagship, host: string): Promise<string> {
    const said = await site.on(host, LOOK).catch(() => "");
    return said.split("\n").join(" ");
}

/**
 * Waits until nothing is out of order, and has not been for a second: one master, one backup, HAProxy on both with both
 * web hosts, and the reserved IP with the master.
 */
export async function settled(site: Flagship, seconds = 60): Promise<Pair> {
    const deadline = Date.now() + seconds * 1000;
    let since = Number.POSITIVE_INFINITY;
    for (;;) {
        const [looks, holder] = await Promise.all([
            Promise.all(BALANCERS.map((host) => look(site, host))),
            site.holder().catch(() => undefined),
        ]);
        const active = BALANCERS[looks.indexOf("MASTER marked UP UP")];
        const standby = BALANCERS[looks.indexOf("BACKUP UP UP")];
        const isFine = active !== undefined && standby !== undefined && holder === active;
        since = isFine ? Math.min(since, Date.now()) : Number.POSITIVE_INFINITY;
        if (isFine && Date.now() - since >= 1000) return { active, standby };
        if (Date.now() > deadline) {
            const seen = BALANCERS.map((host, i) => `${host}: ${looks[i] || "nothing"}`).join("; ");
            throw new Error(`not settled within ${seconds} s: ${seen}; the address is with ${holder}`);
        }
        await sleep(400);
    }
}

export const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
