import type { Call } from "../kit/resource.ts";
import { waitFor } from "../kit/wait.ts";
import { api, hasStatus } from "./api.ts";

export interface Action {
    id: number;
    status: string;
    completed_at: string | null;
}

const hour = 3600;

export async function dropletAction(id: string, body: Record<string, unknown>): Promise<Action> {
    const { action } = await api<{ action: Action }>("POST", `/v2/droplets/${id}/actions`, body);
    return action;
}

export async function completed(call: Call, id: number): Promise<void> {
    const state = async (): Promise<string> => {
        const { action } = await api<{ action: Action }>("GET", `/v2/actions/${id}`);
        if (action.status === "errored") return "errored";
        return action.completed_at === null ? "in-progress" : "completed";
    };
    await waitFor({ call, target: "completed", pending: ["in-progress"], timeout: hour, state });
}

/** Until no event of the droplet is pending: assigning would be refused. */
async function settled(call: Call, droplet: number): Promise<void> {
    const path = `/v2/droplets/${droplet}/actions?per_page=50`;
    const state = async (): Promise<string> => {
        const { actions } = await api<{ actions: Action[] }>("GET", path).catch((error: Error) => {
            throw new Error(`Error retrieving droplet (${droplet}) actions: ${error.message}`);
        });
        return actions.every(({ status }) => status === "completed" || status === "errored")
            ? "ready"
            : "waiting";
    };
    const official = { beforeMs: 3000, betweenMs: 2000 };
    await waitFor({ call, target: "ready", pending: ["waiting"], timeout: 120, official, state }).catch(
        (error: Error) => {
            throw new Error(
                `Error waiting for droplet (${droplet}) to be ready for reserved IP assign: ${error.message}`,
            );
        },
    );
}

export interface ReservedIp {
    ip: string;
    region: { slug: string };
    droplet: { id: number; region: { slug: string } } | null;
}

export async function getReservedIp(ip: string): Promise<ReservedIp> {
    return (await api<{ reserved_ip: ReservedIp }>("GET", `/v2/reserved_ips/${ip}`)).reserved_ip;
}

export async function assign(call: Call, ip: string, droplet: number): Promise<void> {
    await settled(call, droplet);
    const path = `/v2/reserved_ips/${ip}/actions`;
    const { action } = await api<{ action: Action }>("POST", path, {
        droplet_id: droplet,
        type: "assign",
    }).catch((error: Error) => {
        throw new Error(`Error Assigning reserved IP (${ip}) to the droplet: ${error.message}`);
    });
    await arrived(call, ip, action.id, ({ droplet: holder }) => holder?.id === droplet, "Assigned");
}

export async function unassign(call: Call, ip: string): Promise<void> {
    const { action } = await api<{ action: Action }>("POST", `/v2/reserved_ips/${ip}/actions`, {
        type: "unassign",
    });
    await arrived(call, ip, action.id, ({ droplet }) => droplet === null, "unassigned");
}

async function arrived(
    call: Call,
    ip: string,
    id: number,
    done: (ip: ReservedIp) => boolean,
    what: string,
): Promise<void> {
    const state = async (): Promise<string | undefined> => {
        try {
            const path = `/v2/reserved_ips/${ip}/actions/${id}`;
            return (await api<{ action: Action }>("GET", path)).action.status;
        } catch (error) {
            if (!hasStatus(error, 404)) throw error;
            // Some actions are never listed; then the address itself tells.
            return done(await getReservedIp(ip)) ? "completed" : undefined;
        }
    };
    const pending = ["new", "in-progress"];
    await waitFor({ call, target: "completed", pending, timeout: hour, state }).catch((error: Error) => {
        throw new Error(`Error waiting for reserved IP (${ip}) to be ${what}: ${error.message}`);
    });
}
