import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { inBackground, reason } from "../api/background.ts";
import { idOf } from "../api/input.ts";
import { findRegion } from "./catalog.ts";
import type { Context } from "./context.ts";
import { notFound } from "./errors.ts";
import { page } from "./pages.ts";
import { timestamp } from "./state.ts";
import type { Action, Droplet } from "./types.ts";

const keptActions = 500;

type Subject = Pick<Action, "type" | "resourceId" | "resourceType" | "region" | "dropletId" | "address">;

/** Records an action and does its work in the background; what goes wrong ends in its status and the log. */
export function startAction(context: Context, subject: Subject, work: () => Promise<void>): Action {
    const { state, store, log } = context;
    const action: Action = {
        id: store.nextId(),
        status: "in-progress",
        startedAt: timestamp(),
        completedAt: null,
        ...subject,
    };
    state.actions.push(action);
    if (state.actions.length > keptActions) state.actions.splice(0, state.actions.length - keptActions);
    inBackground(context, async () => {
        try {
            await sleep(context.actionMs(), undefined, { ref: false });
            await work();
            finish(action, "completed");
        } catch (error) {
            finish(action, "errored");
            log(`action ${action.id} (${action.type} of ${subjectOf(action)}) failed: ${reason(error)}`);
        }
        await store.save();
    });
    return action;
}

export function startDropletAction(
    context: Context,
    { id, region }: Droplet,
    type: string,
    work: () => Promise<void>,
): Action {
    const subject = {
        type,
        resourceId: id,
        resourceType: "droplet" as const,
        region,
        dropletId: id,
        address: null,
    };
    return startAction(context, subject, work);
}

/** An event that a client did not start, such as a backup, keeps every droplet busy. */
export function occupyDroplets(context: Context, milliseconds: number, isOn: () => boolean): void {
    const end = Date.now() + milliseconds;
    for (const droplet of context.state.droplets) {
        startDropletAction(context, droplet, "snapshot", async () => {
            while (Date.now() < end && isOn() && !context.ending.aborted) {
                await sleep(50, undefined, { ref: false });
            }
        });
    }
}

export function finish(action: Action, status: "completed" | "errored"): void {
    action.status = status;
    action.completedAt = timestamp();
}

function subjectOf(action: Action): string {
    return action.address ?? `droplet ${action.resourceId}`;
}

export function hasPendingEvent({ state }: Context, dropletId: number): boolean {
    return state.actions.some((action) => action.dropletId === dropletId && action.status === "in-progress");
}

export function actionView(action: Action) {
    return {
        id: action.id,
        status: action.status,
        type: action.type,
        started_at: action.startedAt,
        completed_at: action.completedAt,
        resource_id: action.resourceId,
        resource_type: action.resourceType,
        region: findRegion(action.region),
        region_slug: action.region,
    };
}

export function actionLink(request: { protocol: string; host: string }, action: Action, rel: string) {
    return { id: action.id, rel, href: `${request.protocol}://${request.host}/v2/actions/${action.id}` };
}

export function actionRoutes(app: FastifyInstance, { state }: Context): void {
    app.get("/v2/actions", (request) => page(request, "actions", state.actions.toReversed(), actionView));
    app.get("/v2/actions/:id", (request) => {
        const id = idOf((request.params as { id: string }).id);
        const action = state.actions.find((candidate) => candidate.id === id);
        if (!action) throw notFound();
        return { action: actionView(action) };
    });
}
