import { globSync, readFileSync } from "node:fs";
import { loadAgentSteps } from "../../src/balancer/loadAgent.ts";
import { endpointSteps } from "../../src/database/role.ts";
import { memcachedSteps } from "../../src/memcached/role.ts";
import { webSteps } from "../../src/web/role.ts";

const web = {
    pool: "web",
    documentRoot: "/srv",
    port: 80,
    healthPath: "/healthz",
    maxUpload: 64,
    trustedProxies: ["10.0.0.0/8"],
    staticMaxAge: 3600,
    php: {
        user: "site-web",
        extensions: ["gd"],
        writable: ["/srv/uploads"],
        written: ["uploads"],
        workers: 8,
        memoryLimit: 128,
        settings: {},
    },
};
const endpoint = {
    cluster: "db",
    members: ["db-0"],
    gatePort: 3309,
    healthPort: 9200,
    writePort: 3306,
    readPort: 3307,
    names: true,
};
const client = { name: "blog", schema: "blog", user: "blog", group: "root" };

/** The texts of all roles, as examples have them, and with what those do not ask for. */
export const roleTexts: string[] = [
    ...globSync("test/graph/*.golden.txt").map((path) => readFileSync(path, "utf8").replace(/^ +\| ?/gm, "")),
    webSteps("web-0", web).join("\n"),
    webSteps("web-0", { ...web, engine: "apache" }).join("\n"),
    endpointSteps(endpoint, client).join("\n"),
    loadAgentSteps("web-0", ["lb-0"]).join("\n"),
    memcachedSteps({ host: "web-0", clients: [], memory: 64, port: 11_211 }).join("\n"),
];

/** The first word after a verb, wherever a role has it. */
export const wordsAfter = (verb: string): string[] =>
    roleTexts.flatMap((text) =>
        [...text.matchAll(new RegExp(`^(?:common )?${verb} (\\S+)`, "gm"))].map(([, word]) => word!),
    );
