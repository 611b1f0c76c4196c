import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { asBody, type Body, integer, requiredString, string } from "../api/input.ts";
import { isPrivate, lowestFree, parseRange } from "../network/addresses.ts";
import { findRegion } from "./catalog.ts";
import { type Context, timestamp } from "./context.ts";
import { gone, invalid } from "./errors.ts";
import { byId, listedInstances } from "./find.ts";
import { page } from "./pages.ts";
import type { Vpc } from "./types.ts";

export function vpcRoutes(app: FastifyInstance, context: Context): void {
    const { state, machines } = context;
    const find = byId(() => state.vpcs, gone.vpc);

    app.get("/v2/vpcs", (request) => page(request, "vpcs", state.vpcs, vpcView));
    app.post("/v2/vpcs", async (request, reply) => {
        const vpc = readVpc(context, asBody(request.body));
        state.vpcs.push(vpc);
        try {
            await machines.createNetwork({ id: vpc.id, ipRange: rangeOf(vpc) });
        } catch (error) {
            state.vpcs.splice(state.vpcs.indexOf(vpc), 1);
            throw error;
        }
        return reply.code(201).send({ vpc: vpcView(vpc) });
    });
    app.get("/v2/vpcs/:id", (request) => ({ vpc: vpcView(find(request)) }));
    app.put("/v2/vpcs/:id", (request, reply) => {
        find(request).description = string(asBody(request.body), "description") ?? "";
        return reply.code(204).send();
    });
    app.delete("/v2/vpcs/:id", async (request, reply) => {
        const vpc = find(request);
        const members = listedInstances(context).filter((instance) => instance.vpc?.id === vpc.id);
        if (members.length > 0) {
            const addresses = members.map(({ address }) => address).join(", ");
            throw invalid(`The following servers are attached to this VPC network: ${addresses}`);
        }
        await machines.deleteNetwork(vpc.id);
        state.vpcs.splice(state.vpcs.indexOf(vpc), 1);
        return reply.code(204).send();
    });
}

export const rangeOf = ({ subnet, mask }: Vpc) => `${subnet}/${mask}`;

/** The first two addresses after the network's own are never given out. */
export function freePrivateAddress({ state }: Context, vpc: Vpc): string {
    const { first, last } = parseRange(rangeOf(vpc))!;
    const taken = state.instances.flatMap((instance) =>
        instance.vpc?.id === vpc.id ? [instance.vpc.address] : [],
    );
    const address = lowestFree(first + 3, last - 1, taken);
    if (!address) throw invalid("No address is left in this VPC network");
    return address;
}

function readVpc({ state, limits }: Context, body: Body): Vpc {
    const region = requiredString(body, "region");
    if (!findRegion(region)) throw gone.region();
    const others = state.vpcs.filter((vpc) => vpc.region === region);
    if (others.length >= limits.vpcsPerRegion) {
        throw invalid(`You may have ${limits.vpcsPerRegion} VPC networks in a region`);
    }
    const asked = string(body, "v4_subnet");
    const subnet = asked || freeSubnet(state.vpcs);
    const mask = asked ? (integer(body, "v4_subnet_mask") ?? 0) : 20;
    const range = parseRange(`${subnet}/${mask}`);
    if (!range || !isPrivate(range) || mask > 29) throw invalid("Invalid VPC subnet");
    const description = string(body, "description") ?? "";
    return { id: randomUUID(), region, description, subnet, mask, createdAt: timestamp() };
}

function freeSubnet(vpcs: Vpc[]): string {
    for (let second = 1; second < 256; second++) {
        const subnet = `10.${second}.96.0`;
        if (!vpcs.some((vpc) => vpc.subnet === subnet)) return subnet;
    }
    throw invalid("No subnet is left");
}

const vpcView = (vpc: Vpc) => ({
    id: vpc.id,
    region: vpc.region,
    description: vpc.description,
    v4_subnet: vpc.subnet,
    v4_subnet_mask: vpc.mask,
    date_created: vpc.createdAt,
});
