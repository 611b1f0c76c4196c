import type { ApiError } from "../api/errors.ts";
import type { Context } from "./context.ts";
import { gone } from "./errors.ts";
import type { Instance } from "./types.ts";

/** Finds what a request's path names by `id`, or says that it is gone. */
export function byId<T extends { id: string }>(list: () => T[], missing: () => ApiError) {
    return (request: { params: unknown }): T => {
        const { id } = request.params as { id: string };
        const found = list().find((candidate) => candidate.id === id);
        if (!found) throw missing();
        return found;
    };
}

/** Those that their owner has not destroyed. */
export const listedInstances = ({ state }: Context) => state.instances.filter(({ isEnding }) => !isEnding);

export function findInstance(context: Context, id: string): Instance {
    const instance = listedInstances(context).find((candidate) => candidate.id === id);
    if (!instance) throw gone.instance();
    return instance;
}
