import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Runs a command of the engine on the stack for its answer. */
export type Ask = (args: string[], input?: string) => Promise<string>;

export interface Resource {
    urn: string;
    type: string;
    id?: string;
    inputs?: Record<string, unknown>;
    outputs?: Record<string, unknown>;
}

/** What the engine keeps of a stack, as `pulumi stack export` gives it. */
export interface StackState {
    deployment: {
        resources?: Resource[];
        pending_operations?: { resource: Resource; type: string }[];
    };
}

export const stateOf = async (ask: Ask): Promise<StackState> => JSON.parse(await ask(["stack", "export"]));

/** The cloud's ids of everything that any stack of a backend has of a type: other programs may use the same cloud. */
export function idsOf(backend: string, type: string): Set<string> {
    const folder = join(backend, ".pulumi", "stacks");
    const states = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
        name.endsWith(".json"),
    );
    const resources = states.flatMap((name): Resource[] => {
        const { checkpoint } = JSON.parse(readFileSync(join(folder, name), "utf8"));
        return checkpoint?.latest?.resources ?? [];
    });
    return new Set(resources.filter((each) => each.type === type).flatMap(({ id }) => id ?? []));
}
