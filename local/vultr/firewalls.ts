import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { asBody, idOf, string } from "../api/input.ts";
import { type Context, timestamp } from "./context.ts";
import { gone, invalid } from "./errors.ts";
import { byId, listedInstances } from "./find.ts";
import { readRule, ruleView } from "./firewallRules.ts";
import { page } from "./pages.ts";
import type { FirewallGroup } from "./types.ts";

const maxRules = 50;

export function firewallRoutes(app: FastifyInstance, context: Context): void {
    const { state, filters } = context;
    const find = byId(() => state.groups, gone.firewallGroup);
    const findRule = (request: { params: unknown }) => {
        const id = idOf((request.params as { rule: string }).rule);
        const rule = find(request).rules.find((candidate) => candidate.id === id);
        if (!rule) throw gone.firewallRule();
        return rule;
    };
    const membersOf = (group: FirewallGroup) =>
        listedInstances(context).filter(({ groupId }) => groupId === group.id);
    const view = (group: FirewallGroup) => ({
        id: group.id,
        description: group.description,
        date_created: group.createdAt,
        date_modified: group.modifiedAt,
        instance_count: membersOf(group).length,
        rule_count: group.rules.length,
        max_rule_count: maxRules,
    });
    async function changed(group: FirewallGroup): Promise<void> {
        group.modifiedAt = timestamp();
        await filters.apply();
    }

    app.get("/v2/firewalls", (request) => page(request, "firewall_groups", state.groups, view));
    app.post("/v2/firewalls", (request, reply) => {
        const description = string(asBody(request.body), "description") ?? "";
        const now = timestamp();
        const group: FirewallGroup = {
            id: randomUUID(),
            description,
            createdAt: now,
            modifiedAt: now,
            rules: [],
            lastRule: 0,
        };
        state.groups.push(group);
        return reply.code(201).send({ firewall_group: view(group) });
    });
    app.get("/v2/firewalls/:id", (request) => ({ firewall_group: view(find(request)) }));
    app.put("/v2/firewalls/:id", (request, reply) => {
        const group = find(request);
        group.description = string(asBody(request.body), "description") ?? "";
        group.modifiedAt = timestamp();
        return reply.code(204).send();
    });
    app.delete("/v2/firewalls/:id", (request, reply) => {
        const group = find(request);
        if (membersOf(group).length > 0) throw invalid("Firewall group is in use");
        state.groups.splice(state.groups.indexOf(group), 1);
        return reply.code(204).send();
    });

    app.get("/v2/firewalls/:id/rules", (request) =>
        page(request, "firewall_rules", find(request).rules, ruleView),
    );
    app.post("/v2/firewalls/:id/rules", async (request, reply) => {
        const group = find(request);
        if (group.rules.length >= maxRules) throw invalid(`A firewall group may have ${maxRules} rules`);
        const rule = { ...readRule(asBody(request.body)), id: group.lastRule + 1 };
        group.lastRule = rule.id;
        group.rules.push(rule);
        await changed(group);
        return reply.code(201).send({ firewall_rule: ruleView(rule) });
    });
    app.get("/v2/firewalls/:id/rules/:rule", (request) => ({ firewall_rule: ruleView(findRule(request)) }));
    app.delete("/v2/firewalls/:id/rules/:rule", async (request, reply) => {
        const group = find(request);
        group.rules.splice(group.rules.indexOf(findRule(request)), 1);
        await changed(group);
        return reply.code(204).send();
    });
}
