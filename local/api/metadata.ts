import Fastify, { type FastifyInstance } from "fastify";

export type Tree = { [name: string]: Leaf | Tree | Tree[] };
type Leaf = string | string[];

/** What one provider tells its hosts about themselves. */
export interface Metadata {
    /** Such as /metadata/v1; below it each value is there alone, and with .json all of them. */
    path: string;
    /** What the host is told that has this address. */
    treeOf(address: string): Tree | undefined;
}

/** What a host can learn about itself. It is told by the address it asks from. */
export function createMetadataApp(providers: Metadata[]): FastifyInstance {
    const app = Fastify({ forceCloseConnections: true });
    for (const { path, treeOf } of providers) {
        app.get(`${path}.json`, (request, reply) => {
            const tree = treeOf(request.ip);
            return tree ? reply.send(tree) : reply.code(404).send("not found");
        });
        app.get(`${path}*`, (request, reply) => {
            const names = (request.params as { "*": string })["*"].split("/").filter((name) => name !== "");
            const found = names.reduce<Tree[string] | undefined>(child, treeOf(request.ip));
            const answer = reply.type("text/plain; charset=utf-8");
            return found === undefined ? answer.code(404).send("not found") : answer.send(text(found));
        });
    }
    app.setNotFoundHandler((_request, reply) => reply.code(404).type("text/plain").send("not found"));
    return app;
}

function isLeaf(value: Tree[string]): value is Leaf {
    return typeof value === "string" || (Array.isArray(value) && typeof value[0] !== "object");
}

function child(tree: Tree[string] | undefined, name: string): Tree[string] | undefined {
    if (tree === undefined || isLeaf(tree) || !Object.hasOwn(tree, name)) return undefined;
    return (tree as Tree)[name];
}

/** A leaf is its text; anything else lists its names, those of directories with a slash. */
function text(value: Tree[string]): string {
    if (isLeaf(value)) return typeof value === "string" ? value : value.join("\n");
    return Object.entries(value as Tree)
        .map(([name, below]) => (isLeaf(below) ? name : `${name}/`))
        .join("\n");
}
