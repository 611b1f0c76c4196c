import { randomUUID } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { asBody, type Body, integer, requiredString, string } from "../api/input.ts";
import { type Context, timestamp } from "./context.ts";
import { gone, invalid } from "./errors.ts";
import { page } from "./pages.ts";
import type { Domain, DomainRecord } from "./types.ts";

const recordTypes = ["A", "AAAA", "CNAME", "NS", "MX", "SRV", "TXT", "CAA", "SSHFP"];
const nameServers = ["ns1.vultr.com", "ns2.vultr.com"];

export function domainRoutes(app: FastifyInstance, { state }: Context): void {
    const find = (request: FastifyRequest) => {
        const { name } = request.params as { name: string };
        const domain = state.domains.find((candidate) => candidate.name === name.toLowerCase());
        if (!domain) throw gone.domain();
        return domain;
    };
    const findRecord = (request: FastifyRequest) => {
        const { id } = request.params as { id: string };
        const record = find(request).records.find((candidate) => candidate.id === id);
        if (!record) throw gone.record();
        return record;
    };

    app.get("/v2/domains", (request) => page(request, "domains", state.domains, domainView));
    app.post("/v2/domains", (request) => {
        const body = asBody(request.body);
        const name = requiredString(body, "domain").toLowerCase();
        if (!/^([a-z0-9_]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/.test(name))
            throw invalid("Invalid domain name");
        if (state.domains.some((domain) => domain.name === name)) throw invalid("Domain already exists");
        const records = nameServers.map((data) => newRecord({ type: "NS", name: "", data }));
        const address = string(body, "ip");
        if (address) records.push(newRecord({ type: "A", name: "", data: address }));
        const dnsSec = string(body, "dns_sec") === "enabled";
        const domain: Domain = { name, createdAt: timestamp(), dnsSec, records };
        state.domains.push(domain);
        return { domain: domainView(domain) };
    });
    app.get("/v2/domains/:name", (request) => ({ domain: domainView(find(request)) }));
    app.put("/v2/domains/:name", (request, reply) => {
        find(request).dnsSec = string(asBody(request.body), "dns_sec") === "enabled";
        return reply.code(204).send();
    });
    app.delete("/v2/domains/:name", (request, reply) => {
        state.domains.splice(state.domains.indexOf(find(request)), 1);
        return reply.code(204).send();
    });

    app.get("/v2/domains/:name/records", (request) =>
        page(request, "records", find(request).records, (record) => record),
    );
    app.post("/v2/domains/:name/records", (request, reply) => {
        const domain = find(request);
        const record = newRecord(asBody(request.body));
        domain.records.push(record);
        return reply.code(201).send({ record });
    });
    app.get("/v2/domains/:name/records/:id", (request) => ({ record: findRecord(request) }));
    app.patch("/v2/domains/:name/records/:id", (request, reply) => {
        const record = findRecord(request);
        const { type: _, ...changes } = asBody(request.body);
        Object.assign(record, readRecord({ ...record, ...changes }));
        return reply.code(204).send();
    });
    app.delete("/v2/domains/:name/records/:id", (request, reply) => {
        const { records } = find(request);
        records.splice(records.indexOf(findRecord(request)), 1);
        return reply.code(204).send();
    });
}

const newRecord = (body: Body): DomainRecord => ({ id: randomUUID(), ...readRecord(body) });

/** The name of the domain itself is empty here. */
function readRecord(body: Body): Omit<DomainRecord, "id"> {
    const type = requiredString(body, "type").toUpperCase();
    if (!recordTypes.includes(type)) throw invalid("Invalid record type");
    const data = requiredString(body, "data");
    if ((type === "A" && !isIPv4(data)) || (type === "AAAA" && !isIPv6(data))) {
        throw invalid("Invalid IP address");
    }
    const ttl = integer(body, "ttl") || 300;
    if (ttl < 120) throw invalid("TTL must be at least 120 seconds");
    return { type, name: string(body, "name") ?? "", data, priority: integer(body, "priority") ?? 0, ttl };
}

const domainView = (domain: Domain) => ({
    domain: domain.name,
    date_created: domain.createdAt,
    dns_sec: domain.dnsSec ? "enabled" : "disabled",
});
