import { within } from "../../tools/waiting.ts";
import type { Flagship } from "./flagship.ts";
import { COUNTER } from "./visitor.ts";

/** The flagship with PHP that counts its visitors, and stores for their sessions. */
export const POOL = `php: true, files: { "counter.php": ${JSON.stringify(COUNTER)}, "index.html"`;
export const STORE =
    'new evenkeel.SessionStore("sessions", { hosts: lb.hosts, pools: [web] });\n\nexport const url';

export const STORES = ["lb-0", "lb-1"];

/** What a store's host says of it; "" while it is not well. */
const storeStatus = (site: Flagship, host: string) =>
    site.on(host, "/usr/local/lib/evenkeel/session-store status || true");

/** Until each store has all that the others have. */
export const storesWhole = (site: Flagship, hosts = STORES) =>
    within(60, `whole stores on ${hosts.join(" and ")}`, async () => {
        const told = await Promise.all(hosts.map((host) => storeStatus(site, host)));
        return told.every((each) => /^\d+ % of \d+ MB$/.test(each.trim()));
    });

/** Until all that each store has is in its file: Redis lets it wait while the disk is at work. */
export const filed = (site: Flagship) =>
    Promise.all(
        STORES.map((host) =>
            within(30, `the store of ${host} to have filed all`, async () => {
                const told = await site.on(
                    host,
                    `cd /usr/local/lib/evenkeel && python3 -B -c '
import json, session_redis
config = json.load(open("/etc/evenkeel/session-store/store.json"))
told = session_redis.connect(config, config["name"]).info("persistence")
print(told["aof_buffer_length"], told["aof_pending_bio_fsync"])'`,
                );
                return told === "0 0";
            }),
        ),
    );

/** Ends a store at once, and keeps it from coming back until `storeBack`. */
export const storeKilled = (site: Flagship, host: string) =>
    site.on(
        host,
        "systemctl mask --runtime -q redis-server && systemctl kill -s KILL redis-server; while pgrep -x redis-server >/dev/null; do sleep 0.05; done",
    );

/** Back, as it was or empty. */
export const storeBack = (site: Flagship, host: string, { empty = false } = {}) =>
    site.on(
        host,
        `${empty ? "rm -rf /var/lib/redis/appendonlydir; " : ""}systemctl unmask --runtime -q redis-server && systemctl start redis-server`,
    );
