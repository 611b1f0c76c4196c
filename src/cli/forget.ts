import { Command } from "commander";
import {
    replaceStackState,
    type StackPlace,
    type State,
    type StateResource,
    stackState,
    withStackPlace,
} from "./stack.ts";
import { Unable } from "./unable.ts";

/** What a host that is gone for good will not be told, role by role. */
export interface Forgotten {
    state: State;
    roles: string[];
}

/** A state in which nothing is run on a host any more when its roles leave the program. */
export function forgotten(state: State, host: string): Forgotten {
    const roles: string[] = [];
    const resources = (state.deployment.resources ?? []).map((resource) => {
        const retired = retiredRole(resource);
        if (retired?.host !== host) return resource;
        roles.push(retired.role);
        return { ...resource, inputs: without(resource.inputs), outputs: without(resource.outputs) };
    });
    return { state: { ...state, deployment: { ...state.deployment, resources } }, roles };
}

/** The role and the host that a resource retires when it is deleted (hosts/roleText.ts). */
function retiredRole({ type, inputs }: StateResource): { role: string; host: string } | undefined {
    if (type !== "command:remote:Command") return undefined;
    const [, role, host] = /\/evenkeel\/retire (\S+) (\S+)$/.exec(String(inputs?.delete)) ?? [];
    return role === undefined || host === undefined ? undefined : { role, host };
}

function without({ delete: _, ...rest }: Record<string, unknown> = {}): Record<string, unknown> {
    return rest;
}

export function forgetCommand(): Command {
    return withStackPlace(new Command("forget"))
        .description("A host is gone for good: nothing is run on it any more when it leaves the program.")
        .argument("<host>", "its name")
        .action(async (host: string, place: StackPlace) => {
            const { state, roles } = forgotten(await stackState(place), host);
            if (roles.length === 0) throw new Unable(`No role of the stack is on a host "${host}".`);
            await replaceStackState(place, state);
            console.log(`${host} will not be told that it has these roles no more: ${roles.join(", ")}.`);
            console.log(
                "If it ever comes back, it goes on with them: wipe it first. Now remove it from the program, and run `pulumi up`.",
            );
        });
}
