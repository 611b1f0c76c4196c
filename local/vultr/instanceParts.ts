import type { FastifyInstance } from "fastify";
import { asBody, integer, string } from "../api/input.ts";
import type { Context } from "./context.ts";
import { addressesOf, scheduleView, vpcsOf } from "./instanceView.ts";
import { page } from "./pages.ts";
import type { Instance } from "./types.ts";

/** What is asked of an instance part by part. */
export function instancePartRoutes(
    app: FastifyInstance,
    context: Context,
    find: (request: { params: unknown }) => Instance,
): void {
    const lists: Record<string, [name: string, items: (instance: Instance) => unknown[]]> = {
        ipv4: ["ipv4s", (instance) => addressesOf(context, instance)],
        ipv6: ["ipv6s", () => []],
        vpcs: ["vpcs", vpcsOf],
        // The provider's older private networks, which clients still ask for.
        vpc2: ["vpcs", () => []],
    };
    for (const [part, [name, items]] of Object.entries(lists)) {
        app.get(`/v2/instances/:id/${part}`, (request) =>
            page(request, name, items(find(request)), (item) => item),
        );
    }
    app.get("/v2/instances/:id/user-data", (request) => ({
        user_data: { data: Buffer.from(find(request).userData).toString("base64") },
    }));
    app.get("/v2/instances/:id/backup-schedule", (request) => ({
        backup_schedule: scheduleView(find(request)),
    }));
    app.post("/v2/instances/:id/backup-schedule", (request) => {
        const instance = find(request);
        const body = asBody(request.body);
        instance.backups = {
            type: string(body, "type") || "daily",
            hour: integer(body, "hour") ?? 0,
            dow: integer(body, "dow") ?? 0,
            dom: integer(body, "dom") ?? 0,
        };
        return { backup_schedule: scheduleView(instance) };
    });
}
