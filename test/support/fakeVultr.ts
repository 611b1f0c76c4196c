import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Props } from "../../local/plugins/kit/values.ts";
import { configure } from "../../local/plugins/vultr/api.ts";

export interface Reply {
    status: number;
    /** Text goes as it is. */
    body?: unknown;
}

export interface FakeVultr extends AsyncDisposable {
    url: string;
    /** What was asked, in order, as method and path. */
    asked: string[];
    /** The bodies that came, in order. */
    bodies: unknown[];
    /** What is there, by path. */
    items: Map<string, Props>;
    /** Answers in place of the store, by method and path; one that is used up answers no more. */
    instead: Record<string, Reply[]>;
}

interface Kind {
    envelope: string;
    /** What the real API says of one that is not there. */
    gone: string;
    /** What it adds to a new one. */
    adds?: Props;
}

const dates: Props = { date_created: "2026-11-21T00:45:09+00:00" };
const both: Props = { ...dates, date_modified: "2026-11-21T00:45:09+00:00" };
const counts: Props = { instance_count: 0, rule_count: 0, max_rule_count: 50 };
const up: Props = { status: "active", power_status: "running", features: [], os_id: 2136 };
const kinds: Record<string, Kind> = {
    domains: { envelope: "domain", gone: "Invalid domain.", adds: dates },
    firewalls: { envelope: "firewall_group", gone: "Firewall group not found", adds: { ...both, ...counts } },
    instances: { envelope: "instance", gone: "invalid instance ID", adds: { ...dates, ...up } },
    records: { envelope: "record", gone: "Invalid record ID." },
    "reserved-ips": { envelope: "reserved_ip", gone: "Invalid reserved-ip ID.", adds: { instance_id: "" } },
    rules: { envelope: "firewall_rule", gone: "Firewall rule ID not found" },
    "ssh-keys": { envelope: "ssh_key", gone: "Invalid ssh key", adds: dates },
    "startup-scripts": { envelope: "startup_script", gone: "Invalid startup script ID", adds: both },
    vpcs: { envelope: "vpc", gone: "Invalid VPC ID.", adds: dates },
};

export const failure = (error: string, status = 404): Reply => ({ status, body: { error, status } });

export const KEY = "key";

/** A store that answers as Vultr's API does; the plugin is pointed to it. */
export async function fakeVultr(): Promise<FakeVultr> {
    const items = new Map<string, Props>();
    const instead: Record<string, Reply[]> = {};
    const asked: string[] = [];
    const bodies: unknown[] = [];
    const server = createServer(async (request, response) => {
        let raw = "";
        for await (const chunk of request) raw += chunk;
        const body: Props = raw === "" ? {} : JSON.parse(raw);
        const [method = "", path = ""] = [request.method, request.url];
        asked.push(`${method} ${path}`);
        bodies.push(raw === "" ? null : body);
        const allowed = request.headers.authorization === `Bearer ${KEY}`;
        const reply = allowed
            ? (instead[`${method} ${path}`]?.shift() ?? answer(items, method, path, body))
            : failure("Invalid API token.", 401);
        response.writeHead(reply.status, { "content-type": "application/json" });
        response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    configure({ apiEndpoint: url, apiKey: KEY, retryLimit: 2, rateLimit: 1 });
    return {
        url,
        asked,
        bodies,
        items,
        instead,
        async [Symbol.asyncDispose]() {
            server.closeAllConnections();
            await new Promise<void>((resolve) => server.close(() => resolve()));
        },
    };
}

function answer(items: Map<string, Props>, method: string, path: string, body: Props): Reply {
    const parts = path.split("/");
    const isItem = parts.length % 2 === 0;
    const collection = parts.at(isItem ? -2 : -1) ?? "";
    if (collection === "backup-schedule")
        return { status: 200, body: { backup_schedule: { enabled: false } } };
    if (/\/instances\/[^/]+\/vpc/.test(path))
        return { status: 200, body: { vpcs: [], meta: { links: { next: "" } } } };
    if (/\/(at|de)tach$/.test(path)) return attachment(items, parts.slice(0, 4).join("/"), body);
    const kind = kinds[collection];
    if (!kind) return failure(`there is no ${path}`);
    if (method === "POST" && !isItem) {
        const made = { ...kind.adds, ...body, id: newId(collection, body, items.size + 1) };
        items.set(`${path}/${made.id}`, made);
        return { status: 201, body: { [kind.envelope]: made } };
    }
    const item = items.get(path);
    if (!item) return failure(kind.gone);
    if (method === "GET") return { status: 200, body: { [kind.envelope]: item } };
    if (method === "DELETE") items.delete(path);
    else items.set(path, { ...item, ...body });
    return { status: 204 };
}

function attachment(items: Map<string, Props>, path: string, { instance_id = "" }: Props): Reply {
    const address = items.get(path);
    if (address) items.set(path, { ...address, instance_id });
    return { status: 204 };
}

function newId(collection: string, { domain = "" }: Props, count: number): Props[string] {
    if (collection === "domains") return domain;
    return collection === "rules" ? count : `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`;
}
