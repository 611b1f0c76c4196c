import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { ApiError } from "../api/errors.ts";
import { asBody, type Body, boolean, requiredString, string, strings } from "../api/input.ts";
import type { Context } from "./context.ts";
import { conflict, notFound, unprocessable } from "./errors.ts";
import { page } from "./pages.ts";
import { timestamp } from "./state.ts";
import type { Project } from "./types.ts";

export function projectRoutes(app: FastifyInstance, context: Context): void {
    const { state } = context;
    const find = (request: { params: unknown }) => {
        const { id } = request.params as { id: string };
        const project = state.projects.find((candidate) =>
            id === "default" ? candidate.isDefault : candidate.id === id,
        );
        if (!project) throw notFound();
        return project;
    };
    const view = (project: Project) => projectView(context, project);

    app.get("/v2/projects", (request) => page(request, "projects", state.projects, view));
    app.post("/v2/projects", (request, reply) => {
        const body = asBody(request.body);
        requiredString(body, "purpose");
        const now = timestamp();
        const project: Project = {
            id: randomUUID(),
            name: "",
            description: "",
            purpose: "",
            environment: "",
            isDefault: false,
            createdAt: now,
            updatedAt: now,
        };
        requiredString(body, "name");
        update(context, project, body);
        state.projects.push(project);
        return reply.code(201).send({ project: view(project) });
    });
    app.get("/v2/projects/:id", (request) => ({ project: view(find(request)) }));
    app.route({
        method: ["PUT", "PATCH"],
        url: "/v2/projects/:id",
        handler: (request) => {
            const project = find(request);
            update(context, project, asBody(request.body));
            return { project: view(project) };
        },
    });
    app.delete("/v2/projects/:id", (request, reply) => {
        const project = find(request);
        if (project.isDefault) throw conflict("cannot delete the default project");
        if (resourcesOf(context, project).length > 0) {
            throw new ApiError(412, "cannot delete a project with resources");
        }
        state.projects.splice(state.projects.indexOf(project), 1);
        return reply.code(204).send();
    });
    app.get("/v2/projects/:id/resources", (request) => {
        const resources = resourcesOf(context, find(request));
        return page(request, "resources", resources, ([urn, { assignedAt }]) =>
            resourceView(request, urn, assignedAt, "ok"),
        );
    });
    app.post("/v2/projects/:id/resources", (request) => {
        const project = find(request);
        const urns = strings(asBody(request.body), "resources").map(canonical);
        if (urns.some((urn) => !state.projectOf[urn])) throw unprocessable("resource does not exist");
        const resources = urns.map((urn) => {
            const isHere = state.projectOf[urn]?.projectId === project.id;
            if (!isHere) place(context, urn, project.id);
            const { assignedAt } = state.projectOf[urn]!;
            return resourceView(request, urn, assignedAt, isHere ? "already_assigned" : "assigned");
        });
        return { resources, links: {}, meta: { total: resources.length } };
    });
}

/** Puts a resource into a project, by default into the default one, where every new resource goes. */
export function place({ state }: Context, urn: string, projectId?: string): void {
    const chosen = projectId ?? state.projects.find((project) => project.isDefault)!.id;
    state.projectOf[urn] = { projectId: chosen, assignedAt: timestamp() };
}

export function forget({ state }: Context, urn: string): void {
    delete state.projectOf[urn];
}

export function projectOf({ state }: Context, urn: string): string {
    return state.projectOf[urn]?.projectId ?? "";
}

function resourcesOf({ state }: Context, project: Project) {
    return Object.entries(state.projectOf).filter(([, { projectId }]) => projectId === project.id);
}

/** The provider's client still writes some kinds in their older names and in capitals. */
function canonical(urn: string): string {
    return urn.toLowerCase().replace("do:floatingip:", "do:reservedip:");
}

function update({ state }: Context, project: Project, body: Body): void {
    const name = string(body, "name") ?? project.name;
    if (name.length > 175) throw unprocessable("name is too long");
    if (state.projects.some((other) => other !== project && other.name === name)) {
        throw conflict("name is already in use");
    }
    const environment = string(body, "environment") ?? project.environment;
    const known = environment.charAt(0).toUpperCase() + environment.slice(1).toLowerCase();
    if (known !== "" && !["Development", "Staging", "Production"].includes(known)) {
        throw unprocessable("environment must be one of Development, Staging, Production");
    }
    project.name = name;
    project.environment = known;
    project.description = string(body, "description") ?? project.description;
    project.purpose = string(body, "purpose") ?? project.purpose;
    project.updatedAt = timestamp();
    if (boolean(body, "is_default")) {
        for (const other of state.projects) other.isDefault = other === project;
    }
}

function projectView({ state }: Context, project: Project) {
    return {
        id: project.id,
        owner_uuid: state.ownerId,
        owner_id: 1,
        name: project.name,
        description: project.description,
        purpose: project.purpose,
        environment: project.environment,
        is_default: project.isDefault,
        created_at: project.createdAt,
        updated_at: project.updatedAt,
    };
}

const paths: Record<string, string> = { droplet: "droplets", reservedip: "reserved_ips", domain: "domains" };

function resourceView(
    request: { protocol: string; host: string },
    urn: string,
    assignedAt: string,
    status: string,
) {
    const [, kind = "", ...id] = urn.split(":");
    const self = `${request.protocol}://${request.host}/v2/${paths[kind] ?? kind}/${id.join(":")}`;
    return { urn, assigned_at: assignedAt, links: { self }, status };
}
