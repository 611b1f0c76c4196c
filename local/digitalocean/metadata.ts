import Fastify, { type FastifyInstance } from "fastify";
import type { Context } from "./context.ts";
import { dropletView } from "./dropletView.ts";
import type { Droplet } from "./types.ts";

type Tree = { [name: string]: string | string[] | Tree };

/** What a host can learn about itself. It is told by the address it asks from. */
export function createMetadataApp(context: Context): FastifyInstance {
    const app = Fastify({ forceCloseConnections: true });
    const treeFor = (address: string) => {
        const droplet = context.state.droplets.find((candidate) =>
            [candidate.publicAddress, candidate.anchorAddress, candidate.privateAddress].includes(address),
        );
        return droplet && metadataOf(context, droplet);
    };

    app.get("/metadata/v1.json", (request, reply) => {
        const tree = treeFor(request.ip);
        return tree ? reply.send(tree) : reply.code(404).send("not found");
    });
    app.get("/metadata/v1*", (request, reply) => {
        const names = (request.params as { "*": string })["*"].split("/").filter((name) => name !== "");
        const found = names.reduce<Tree[string] | undefined>(child, treeFor(request.ip));
        const answer = reply.type("text/plain; charset=utf-8");
        return found === undefined ? answer.code(404).send("not found") : answer.send(text(found));
    });
    app.setNotFoundHandler((_request, reply) => reply.code(404).type("text/plain").send("not found"));
    return app;
}

function child(tree: Tree[string] | undefined, name: string): Tree[string] | undefined {
    if (typeof tree !== "object" || Array.isArray(tree) || !Object.hasOwn(tree, name)) return undefined;
    return tree[name];
}

/** A leaf is its text; anything else lists its names, those of directories with a slash. */
function text(value: Tree[string]): string {
    if (typeof value === "string") return value;
    if (Array.isArray(value)) return value.join("\n");
    return Object.entries(value)
        .map(([name, below]) => (typeof below === "string" || Array.isArray(below) ? name : `${name}/`))
        .join("\n");
}

function metadataOf(context: Context, droplet: Droplet): Tree {
    const reserved = context.state.reservedIps.find((candidate) => candidate.dropletId === droplet.id);
    const [inside, outside] = dropletView(context, droplet).networks.v4;
    const reservedIp = {
        ipv4: { active: String(reserved !== undefined), ...(reserved && { ip_address: reserved.address }) },
    };
    const ipv4 = (network: typeof inside) => ({
        address: network!.ip_address,
        netmask: network!.netmask,
        gateway: network!.gateway,
    });
    return {
        id: String(droplet.id),
        hostname: droplet.name,
        "user-data": droplet.userData ?? "",
        "vendor-data": "",
        "public-keys": droplet.publicKeys,
        region: droplet.region,
        interfaces: {
            public: {
                "0": {
                    ipv4: ipv4(outside),
                    anchor_ipv4: {
                        address: droplet.anchorAddress,
                        netmask: "255.255.0.0",
                        gateway: "10.19.0.1",
                    },
                    type: "public",
                },
            },
            private: { "0": { ipv4: ipv4(inside), type: "private" } },
        },
        floating_ip: reservedIp,
        reserved_ip: reservedIp,
        tags: droplet.tags,
        features: { dhcp_enabled: "false" },
    };
}
