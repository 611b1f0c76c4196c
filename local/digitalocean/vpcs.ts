import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { asBody, type Body, boolean, requiredString, string } from "../api/input.ts";
import { isPrivate, overlaps, parseRange, toAddress } from "../network/addresses.ts";
import { findRegion } from "./catalog.ts";
import type { Context } from "./context.ts";
import { conflict, forbidden, notFound, unprocessable } from "./errors.ts";
import { page } from "./pages.ts";
import { timestamp } from "./state.ts";
import type { Vpc } from "./types.ts";

/** Ranges the provider keeps for itself; the first holds the anchor addresses. */
const reservedRanges = [
    "10.19.0.0/16",
    "10.229.0.0/16",
    "10.244.0.0/16",
    "10.245.0.0/16",
    "10.246.0.0/24",
].map((cidr) => parseRange(cidr)!);

export function vpcRoutes(app: FastifyInstance, context: Context): void {
    const { state, machines } = context;
    const find = (request: { params: unknown }) => {
        const { id } = request.params as { id: string };
        const vpc = state.vpcs.find((candidate) => candidate.id === id);
        if (!vpc) throw notFound();
        return vpc;
    };
    const membersOf = (vpc: Vpc) => state.droplets.filter((droplet) => droplet.vpcId === vpc.id);

    app.get("/v2/vpcs", (request) => page(request, "vpcs", state.vpcs, vpcView));
    app.post("/v2/vpcs", async (request, reply) => {
        const vpc = await createVpc(context, asBody(request.body));
        return reply.code(201).send({ vpc: vpcView(vpc) });
    });
    app.get("/v2/vpcs/:id", (request) => ({ vpc: vpcView(find(request)) }));
    app.route({
        method: ["PUT", "PATCH"],
        url: "/v2/vpcs/:id",
        handler: (request) => {
            const vpc = find(request);
            updateVpc(context, vpc, asBody(request.body), request.method === "PUT");
            return { vpc: vpcView(vpc) };
        },
    });
    app.delete("/v2/vpcs/:id", async (request, reply) => {
        const vpc = find(request);
        if (vpc.isDefault) throw forbidden("Can not delete default VPCs");
        if (membersOf(vpc).length > 0) throw conflict("Can not delete VPC with members");
        state.vpcs.splice(state.vpcs.indexOf(vpc), 1);
        try {
            await machines.deleteNetwork(vpc.id);
        } catch (error) {
            state.vpcs.push(vpc);
            throw error;
        }
        return reply.code(204).send();
    });
    app.get("/v2/vpcs/:id/members", (request) => {
        const { resource_type: type } = request.query as Record<string, string | undefined>;
        const members = type === undefined || type === "droplet" ? membersOf(find(request)) : [];
        return page(request, "members", members, (droplet) => ({
            urn: `do:droplet:${droplet.id}`,
            name: droplet.name,
            created_at: droplet.createdAt,
        }));
    });
}

function vpcView(vpc: Vpc) {
    return {
        id: vpc.id,
        urn: `do:vpc:${vpc.id}`,
        name: vpc.name,
        description: vpc.description,
        ip_range: vpc.ipRange,
        region: vpc.region,
        created_at: vpc.createdAt,
        default: vpc.isDefault,
    };
}

async function createVpc(context: Context, body: Body): Promise<Vpc> {
    const { state } = context;
    const region = requiredString(body, "region");
    if (!findRegion(region)) throw unprocessable("Region is not available");
    const vpc: Vpc = {
        id: randomUUID(),
        name: checkedName(context, requiredString(body, "name")),
        description: checkedDescription(string(body, "description") ?? ""),
        region,
        ipRange: chooseRange(context, string(body, "ip_range")),
        createdAt: timestamp(),
        isDefault: false,
    };
    state.vpcs.push(vpc);
    await makeNetwork(context, vpc);
    return vpc;
}

/** The VPC of droplets that name none; it appears with the first of them. */
export async function defaultVpc(context: Context, region: string): Promise<Vpc> {
    const { state } = context;
    const existing = state.vpcs.find((vpc) => vpc.region === region && vpc.isDefault);
    if (existing) return existing;
    const vpc: Vpc = {
        id: randomUUID(),
        name: `default-${region}`,
        description: "",
        region,
        ipRange: chooseRange(context, undefined),
        createdAt: timestamp(),
        isDefault: true,
    };
    state.vpcs.push(vpc);
    await makeNetwork(context, vpc);
    return vpc;
}

/** Listed before it is made, so that two requests at once cannot take one name or range. */
async function makeNetwork({ state, machines }: Context, vpc: Vpc): Promise<void> {
    try {
        await machines.createNetwork({ id: vpc.id, ipRange: vpc.ipRange });
    } catch (error) {
        state.vpcs.splice(state.vpcs.indexOf(vpc), 1);
        throw error;
    }
}

function updateVpc(context: Context, vpc: Vpc, body: Body, isWhole: boolean): void {
    const name = isWhole ? requiredString(body, "name") : (string(body, "name") ?? vpc.name);
    const description = checkedDescription(string(body, "description") ?? (isWhole ? "" : vpc.description));
    const isDefault = boolean(body, "default") ?? vpc.isDefault;
    if (vpc.isDefault && !isDefault) throw unprocessable("The default field cannot be unset");
    vpc.name = name === vpc.name ? name : checkedName(context, name);
    vpc.description = description;
    if (isDefault) {
        for (const other of context.state.vpcs)
            if (other.region === vpc.region) other.isDefault = other === vpc;
    }
}

function checkedName({ state }: Context, name: string): string {
    if (!/^[a-zA-Z0-9.-]+$/.test(name)) {
        throw unprocessable("Name may only contain alphanumeric characters, dashes, and periods");
    }
    if (state.vpcs.some((vpc) => vpc.name === name))
        throw unprocessable("A VPC with this name already exists");
    return name;
}

function checkedDescription(description: string): string {
    if (description.length > 255) throw unprocessable("Description may be a maximum of 255 characters");
    return description;
}

function chooseRange({ state }: Context, asked: string | undefined): string {
    const taken = [...state.vpcs.map((vpc) => parseRange(vpc.ipRange)!), ...reservedRanges];
    const isFree = (cidr: string) => !taken.some((other) => overlaps(parseRange(cidr)!, other));
    if (!asked) {
        for (let third = 100; third < 200; third++) {
            const cidr = `10.${third}.0.0/20`;
            if (isFree(cidr)) return cidr;
        }
        throw unprocessable("No IP range is left for a VPC");
    }
    const range = parseRange(asked);
    if (!range) throw unprocessable("IP range is not a valid CIDR");
    if (!isPrivate(range)) {
        throw unprocessable("IP range must be within the private ranges of RFC 1918");
    }
    if (range.prefix < 16 || range.prefix > 28) throw unprocessable("IP range must be between /16 and /28");
    if (!isFree(asked))
        throw unprocessable("This range/size overlaps with another VPC network in your account");
    return `${toAddress(range.first)}/${range.prefix}`;
}
