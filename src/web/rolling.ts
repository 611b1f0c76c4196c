import type * as pulumi from "@pulumi/pulumi";
import { checksum } from "../content/manifest.ts";
import type { Placed } from "../content/places.ts";
import { applyRole } from "../hosts/applyRole.ts";
import { inTurn, type ReadyHost, type Roll, upgraded } from "../hosts/hosts.ts";
import { roleName, roleText, type Step } from "../hosts/roleText.ts";
import type { Gate } from "./args.ts";
import { type Gated, gateCommand } from "./gate.ts";

/** Hosts of a pool that are upgraded together. */
export interface Rolled {
    hosts: ReadyHost[];
    /** What a host is to do as the pool's web role. */
    steps: (host: ReadyHost) => Step[];
    /** Files of the pool, if it has any. */
    placed: Placed | undefined;
    /** What has to be there before anything of it changes. */
    before: pulumi.Resource[];
}

/** One resource for each host, by which it is through. */
export function rollPart(roll: Roll, { hosts, steps, placed, before }: Rolled): pulumi.Resource[] {
    const published = placed
        ? inTurn(hosts, (host, former) => placed.publish(host, former), before)
        : hosts.map(() => undefined);
    const roles: pulumi.Resource[] = [];
    const through = inTurn(
        hosts,
        (host, former) => {
            const own = published[hosts.indexOf(host)];
            const after = [host.ready, ...former, ...(own ? [own] : [])];
            const applied = applyWeb(roll, host, steps(host), after);
            roles.push(applied);
            return upgraded(roll, host.host, applied);
        },
        before,
    );
    const done = [...published.filter((each) => each !== undefined), ...roles];
    for (const host of hosts) placed?.tidy(host, done);
    return through;
}

/**
 * The same behind a gate: a host has its role, and then the gate switches it to its release and watches. The first host is alone with what
 * is new; when it has passed, the others take it, and are watched all at once. None is through before all are: what a host passed
 * with is put back when another one does not (onhost/gate_trial.py).
 */
export function rollGated(
    roll: Roll,
    { hosts, steps, placed, before }: Rolled & { placed: Placed },
    gated: Pick<Gated, "group" | "engine" | "port" | "healthPath" | "phpSocket"> & { gate: Gate },
): pulumi.Resource[] {
    const { component } = roll;
    const names = hosts.map(({ host }) => host.name);
    const command = (verb: "publish" | "keep", host: ReadyHost) => {
        const text = roleText(roleName(component, "web"), host.host.name, steps(host));
        const settings = checksum(text).slice(0, 12);
        return gateCommand(verb, {
            ...gated,
            pool: component,
            host: host.host.name,
            hosts: names,
            settings,
        });
    };
    const role = (host: ReadyHost, after: pulumi.Resource[]) =>
        applyWeb(roll, host, steps(host), [host.ready, ...placed.arrived, ...after]);
    const watched = (host: ReadyHost, after: pulumi.Resource[]) =>
        placed.publish(host, after, command("publish", host));
    const [first, ...others] = hosts as [ReadyHost, ...ReadyHost[]];
    const alone = watched(first, [role(first, before)]);
    const roles = inTurn(others, role, [alone]);
    const passed = [alone, ...others.map((host, i) => watched(host, [alone, roles[i]!]))];
    const kept =
        others.length === 0
            ? passed
            : hosts.map((host) => placed.step("keep", host, passed, command("keep", host)));
    const through = kept.map((each, i) => upgraded(roll, hosts[i]!.host, each));
    for (const host of hosts) placed.tidy(host, kept);
    return through;
}

function applyWeb(
    { component, opts }: Roll,
    { host }: ReadyHost,
    steps: Step[],
    dependsOn: pulumi.Resource[],
) {
    const role = { component, kind: "web", steps, hosts: [host] };
    return applyRole(host, role, { ...opts, dependsOn });
}
