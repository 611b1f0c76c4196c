import { CloudName } from "../../clouds/cloud.ts";
import { cloudOf } from "../../clouds/cloudOf.ts";
import type { Holdings } from "../../estimate/estimate.ts";
import type { State, StateResource } from "../stack.ts";
import { deployedHosts } from "../status/deployed.ts";

/** What a stack's components have, by its state. What its program creates without them is not theirs. */
export function deployedHoldings(state: State): Holdings {
    const resources = (state.deployment.resources ?? []).filter((each) => !each.delete);
    const hosts = resources.flatMap((resource) => {
        const creator = componentOf(resource);
        const cloud = cloudWith("host", resource);
        if (!creator || !cloud) return [];
        const size = String(resource.inputs?.[cloudOf(cloud).inState.size]);
        return [{ ...creator, cloud, name: nameOf(resource.urn), size }];
    });
    const addresses = resources.flatMap((resource) => {
        const creator = componentOf(resource);
        const cloud = cloudWith("reservedAddress", resource);
        return creator && cloud ? [{ ...creator, cloud }] : [];
    });
    const created = new Set(hosts.map(({ name }) => name));
    const others = deployedHosts(state).flatMap(({ name }) => (created.has(name) ? [] : [name]));
    return { hosts: hosts.sort((one, other) => inOrder.compare(one.name, other.name)), addresses, others };
}

const inOrder = new Intl.Collator("en", { numeric: true });

const cloudWith = (kind: "host" | "reservedAddress", { type }: StateResource): CloudName | undefined =>
    Object.values(CloudName).find((cloud) => cloudOf(cloud).inState[kind] === type);

/** One of the library, and no other parent. */
function componentOf({ parent = "" }: StateResource): { component: string; kind: string } | undefined {
    const [, kind] = /[:$]evenkeel:index:(\w+)::/.exec(parent) ?? [];
    return kind === undefined ? undefined : { component: nameOf(parent), kind };
}

const nameOf = (urn: string) => urn.split("::").at(-1)!;
