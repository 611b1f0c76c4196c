import { isIPv4, isIPv6 } from "node:net";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { asBody, type Body, idOf, integer, requiredString, string } from "../api/input.ts";
import type { Context } from "./context.ts";
import { notFound, unprocessable } from "./errors.ts";
import { page } from "./pages.ts";
import { forget, place } from "./projects.ts";
import type { Domain, DomainRecord } from "./types.ts";

const recordTypes = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "SOA", "SRV", "TXT"];

export function domainRoutes(app: FastifyInstance, context: Context): void {
    const { state, store } = context;
    const find = (request: FastifyRequest) => {
        const { name } = request.params as { name: string };
        const domain = state.domains.find((candidate) => candidate.name === name.toLowerCase());
        if (!domain) throw notFound();
        return domain;
    };
    const findRecord = (request: FastifyRequest) => {
        const id = idOf((request.params as { id: string }).id);
        const record = find(request).records.find((candidate) => candidate.id === id);
        if (!record) throw notFound();
        return record;
    };
    const newRecord = (body: Body): DomainRecord => ({ id: store.nextId(), ...readRecord(body) });

    app.get("/v2/domains", (request) => page(request, "domains", state.domains, domainView));
    app.post("/v2/domains", (request, reply) => {
        const body = asBody(request.body);
        const name = requiredString(body, "name").toLowerCase();
        if (!/^([a-z0-9_]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/.test(name))
            throw unprocessable("Name is invalid");
        if (state.domains.some((domain) => domain.name === name)) throw unprocessable("Name already exists");
        const records = [1, 2, 3].map((number) =>
            newRecord({ type: "NS", name: "@", data: `ns${number}.digitalocean.com`, ttl: 1800 }),
        );
        const address = string(body, "ip_address");
        if (address) records.push(newRecord({ type: "A", name: "@", data: address, ttl: 1800 }));
        const domain: Domain = { name, ttl: 1800, records };
        state.domains.push(domain);
        place(context, `do:domain:${name}`);
        return reply.code(201).send({ domain: domainView(domain) });
    });
    app.get("/v2/domains/:name", (request) => ({ domain: domainView(find(request)) }));
    app.delete("/v2/domains/:name", (request, reply) => {
        const domain = find(request);
        state.domains.splice(state.domains.indexOf(domain), 1);
        forget(context, `do:domain:${domain.name}`);
        return reply.code(204).send();
    });

    app.get("/v2/domains/:name/records", (request) => {
        const domain = find(request);
        const { type, name } = request.query as Record<string, string | undefined>;
        const records = domain.records.filter(
            (record) => (!type || record.type === type) && (!name || fullName(domain, record) === name),
        );
        return page(request, "domain_records", records, (record) => record);
    });
    app.post("/v2/domains/:name/records", (request, reply) => {
        const domain = find(request);
        const record = newRecord(asBody(request.body));
        domain.records.push(record);
        return reply.code(201).send({ domain_record: record });
    });
    app.get("/v2/domains/:name/records/:id", (request) => ({ domain_record: findRecord(request) }));
    app.route({
        method: ["PUT", "PATCH"],
        url: "/v2/domains/:name/records/:id",
        handler: (request) => {
            const record = findRecord(request);
            Object.assign(record, readRecord({ ...record, ...asBody(request.body) }));
            return { domain_record: record };
        },
    });
    app.delete("/v2/domains/:name/records/:id", (request, reply) => {
        const { records } = find(request);
        records.splice(records.indexOf(findRecord(request)), 1);
        return reply.code(204).send();
    });
}

/** Numbers are never null: the official provider reads them as they are. */
function readRecord(body: Body): Omit<DomainRecord, "id"> {
    const type = requiredString(body, "type").toUpperCase();
    if (!recordTypes.includes(type)) throw unprocessable("Type is invalid");
    const data = requiredString(body, "data");
    if ((type === "A" && !isIPv4(data)) || (type === "AAAA" && !isIPv6(data))) {
        throw unprocessable("IP address is invalid");
    }
    const ttl = integer(body, "ttl") || 1800;
    if (ttl < 30) throw unprocessable("TTL must be at least 30 seconds");
    return {
        type,
        name: string(body, "name") || "@",
        data: data.length > 1 && type !== "TXT" ? data.replace(/\.$/, "") : data,
        priority: integer(body, "priority") ?? 0,
        port: integer(body, "port") ?? 0,
        ttl,
        weight: integer(body, "weight") ?? 0,
        flags: integer(body, "flags") ?? 0,
        tag: string(body, "tag") || null,
    };
}

function fullName(domain: Domain, record: DomainRecord): string {
    return record.name === "@" ? domain.name : `${record.name}.${domain.name}`;
}

function domainView(domain: Domain) {
    const lines = domain.records.map(
        (record) => `${fullName(domain, record)}. ${record.ttl} IN ${record.type} ${record.data}`,
    );
    return {
        name: domain.name,
        ttl: domain.ttl,
        zone_file: `${[`$ORIGIN ${domain.name}.`, `$TTL ${domain.ttl}`, ...lines].join("\n")}\n`,
    };
}
