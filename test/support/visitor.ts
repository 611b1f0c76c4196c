import { setTimeout as sleep } from "node:timers/promises";

/** What tells of a visitor's session: how often the visitor was here, and who served the page. */
export const COUNTER = `<?php
ini_set("session.use_strict_mode", "1");
session_start();
if (isset($_GET["leave"])) exit(json_encode(["left" => session_destroy()]));
$_SESSION["visits"] = ($_SESSION["visits"] ?? 0) + 1;
if (isset($_GET["holds"])) sleep((int) $_GET["holds"]);
header("X-Served-By: " . gethostname());
echo json_encode(["visits" => $_SESSION["visits"], "id" => session_id(), "host" => gethostname()]);
`;

export interface Visit {
    status: number;
    ms: number;
    /** 0 without an answer. */
    visits: number;
    id: string;
    host: string;
}

/** One visitor, with the cookie of a browser. */
export class Visitor {
    cookie = "";
    /** How often the application should have counted. */
    visits = 0;
    readonly #url: string;

    constructor(url: string) {
        this.#url = url;
    }

    /** One page, and each as on a connection of its own. */
    async visit(query = "", timeoutMs = 20_000): Promise<Visit> {
        const began = performance.now();
        const headers = { connection: "close", ...(this.cookie ? { cookie: this.cookie } : {}) };
        const ended = (status: number, body: Partial<Visit> = {}) => ({
            visits: 0,
            id: "",
            host: "",
            ...body,
            status,
            ms: Math.round(performance.now() - began),
        });
        try {
            const answer = await fetch(`${this.#url}counter.php${query}`, {
                headers,
                signal: AbortSignal.timeout(timeoutMs),
            });
            const [given] = answer.headers.getSetCookie();
            if (given) this.cookie = given.split(";")[0]!;
            const text = await answer.text();
            return ended(answer.status, answer.status === 200 ? JSON.parse(text) : {});
        } catch {
            return ended(0);
        }
    }

    /** As a browser's reload: a page that failed is asked for again; gives the longest wait for one that was good. */
    async goesOn(pages: number): Promise<{ longest: number; failed: number; last: Visit }> {
        let [longest, failed] = [0, 0];
        let last: Visit | undefined;
        for (let good = 0; good < pages; ) {
            const visit = await this.visit();
            if (visit.status !== 200) {
                if (++failed > 100) throw new Error(`a visitor got no page: ${JSON.stringify(visit)}`);
                await sleep(100);
                continue;
            }
            good++;
            last = visit;
            longest = Math.max(longest, visit.ms);
        }
        return { longest, failed, last: last! };
    }
}
