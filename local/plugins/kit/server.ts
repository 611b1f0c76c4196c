import { flushCompileCache } from "node:module";
import grpc from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { type EngineLog, engineLog } from "./engineLog.ts";
import type { Call, CheckRequest, Provider, Resource } from "./resource.ts";
import { revealAll } from "./values.ts";
import { diffKinds, parseUrn, toProps, toServiceError, toStruct } from "./wire.ts";

// The SDK's provider.main knows neither previews nor detailed diffs nor the engine's log,
// and the official plugins have all three; hence a server of our own on the SDK's protocol files.

const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

const LOOK_MS = 1000;

/** The engine that calls at present, and whether it has cancelled. */
interface Caller {
    log: EngineLog;
    stop: AbortController;
}

const callerAt = (address: string | undefined): Caller => ({
    log: engineLog(address),
    stop: new AbortController(),
});

/** Serves a provider to the engine until the engine ends the process, or is gone itself. */
export async function serve(provider: Provider, engineAddress: string | undefined): Promise<void> {
    process.stdout.write(`${await listen(provider, engineAddress)}\n`);
    // By itself Node keeps compiled code when it ends, and the engine kills its plugins.
    flushCompileCache();
    // An engine that was killed ends nobody, and its plugins get another parent.
    const engine = process.ppid;
    setInterval(() => process.ppid !== engine && process.exit(), LOOK_MS).unref();
}

/** Answers calls for a provider, from now on; the port. Without an address it waits for an engine that attaches. */
export function listen(provider: Provider, engineAddress?: string): Promise<number> {
    const server = new grpc.Server(unlimited);
    server.addService(services.ResourceProviderService, handlers(provider, callerAt(engineAddress)));
    return new Promise((resolve, reject) => {
        const done = (error: Error | null, bound: number): void => (error ? reject(error) : resolve(bound));
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), done);
    });
}

// biome-ignore lint/suspicious/noExplicitAny: the generated protocol classes share no type for requests
type Handler = (request: any) => Promise<unknown>;

function unary(caller: Caller, handler: Handler): grpc.handleUnaryCall<unknown, unknown> {
    return (call, callback) => {
        handler(call.request)
            .finally(() => caller.log.flush())
            .then(
                (response) => callback(null, response),
                (error) => callback(toServiceError(error)),
            );
    };
}

function handlers(provider: Provider, caller: Caller): grpc.UntypedServiceImplementation {
    const resourceOf = (urn: string): Resource => {
        const { type } = parseUrn(urn);
        const resource = provider.resources[type];
        if (!resource) throw new Error(`the stand-in plugin does not have the resource type ${type}`);
        return resource;
    };
    const callFor = (request: { getUrn(): string; getTimeout?(): number }): Call => {
        const urn = request.getUrn();
        return {
            urn,
            name: parseUrn(urn).name,
            timeoutSeconds: request.getTimeout?.() ?? 0,
            cancelled: caller.stop.signal,
            progress: (message) => caller.log.send(urn, "info", message, true),
            log: (severity, message) => caller.log.send(urn, severity, message, false),
        };
    };

    const all: Record<string, Handler> = {
        // An engine that found this process running (PULUMI_DEBUG_PROVIDERS).
        async attach(request: plugin.PluginAttach) {
            caller.log.close();
            Object.assign(caller, callerAt(request.getAddress()));
            return new empty.Empty();
        },
        async getPluginInfo() {
            const info = new plugin.PluginInfo();
            info.setVersion(provider.version);
            return info;
        },
        async getSchema() {
            const response = new proto.GetSchemaResponse();
            response.setSchema("{}");
            return response;
        },
        async checkConfig(request: proto.CheckRequest) {
            const response = new proto.CheckResponse();
            response.setInputs(request.getNews());
            return response;
        },
        async diffConfig() {
            return new proto.DiffResponse();
        },
        async configure(request: proto.ConfigureRequest) {
            provider.configure?.(revealAll(toProps(request.getArgs())));
            // Without acceptSecrets the engine itself unwraps secrets and marks the same properties of what comes back.
            const response = new proto.ConfigureResponse();
            response.setSupportspreview(true);
            response.setSupportsAutonamingConfiguration(true);
            return response;
        },
        async check(request: proto.CheckRequest) {
            const result = resourceOf(request.getUrn()).check(checkRequest(request));
            const response = new proto.CheckResponse();
            response.setInputs(toStruct(result.inputs));
            for (const { property, reason } of result.failures ?? []) {
                const failure = new proto.CheckFailure();
                failure.setProperty(property);
                failure.setReason(reason);
                response.addFailures(failure);
            }
            return response;
        },
        async diff(request: proto.DiffRequest) {
            return diff(resourceOf(request.getUrn()), request);
        },
        async create(request: proto.CreateRequest) {
            const resource = resourceOf(request.getUrn());
            const inputs = toProps(request.getProperties());
            const response = new proto.CreateResponse();
            if (request.getPreview()) return response.setProperties(toStruct(resource.preview(inputs)));
            const { id, outputs } = await resource.create(inputs, callFor(request));
            return response.setId(id).setProperties(toStruct(outputs));
        },
        async read(request: proto.ReadRequest) {
            const resource = resourceOf(request.getUrn());
            const [olds, inputs] = [toProps(request.getProperties()), toProps(request.getInputs())];
            const same = { id: request.getId(), outputs: olds, inputs };
            const state = resource.read ? await resource.read(same.id, olds, inputs, callFor(request)) : same;
            const response = new proto.ReadResponse();
            if (!state) return response;
            return response
                .setId(state.id)
                .setProperties(toStruct(state.outputs))
                .setInputs(toStruct(state.inputs));
        },
        async update(request: proto.UpdateRequest) {
            const resource = resourceOf(request.getUrn());
            const [olds, news] = [toProps(request.getOlds()), toProps(request.getNews())];
            const response = new proto.UpdateResponse();
            if (request.getPreview()) return response.setProperties(toStruct(resource.preview(news, olds)));
            if (!resource.update) throw new Error(`${request.getUrn()} cannot be updated`);
            return response.setProperties(
                toStruct(await resource.update(request.getId(), olds, news, callFor(request))),
            );
        },
        async delete(request: proto.DeleteRequest) {
            const olds = toProps(request.getProperties());
            await resourceOf(request.getUrn()).delete?.(request.getId(), olds, callFor(request));
            return new empty.Empty();
        },
        async invoke(request: proto.InvokeRequest) {
            const run = provider.functions?.[request.getTok()];
            if (!run) throw new Error(`the stand-in plugin does not have the function ${request.getTok()}`);
            const response = new proto.InvokeResponse();
            response.setReturn(toStruct(await run(revealAll(toProps(request.getArgs())))));
            return response;
        },
        async cancel() {
            caller.stop.abort();
            return new empty.Empty();
        },
    };
    return Object.fromEntries(Object.entries(all).map(([name, handler]) => [name, unary(caller, handler)]));
}

function checkRequest(request: proto.CheckRequest): CheckRequest {
    const modes = ["propose", "enforce", "disable"] as const;
    const autonaming = request.getAutonaming();
    return {
        name: parseUrn(request.getUrn()).name,
        olds: toProps(request.getOlds()),
        news: toProps(request.getNews()),
        seed: request.getRandomseed_asU8(),
        autonaming: autonaming && {
            mode: modes[autonaming.getMode()] ?? "propose",
            proposedName: autonaming.getProposedName(),
        },
    };
}

function diff(resource: Resource, request: proto.DiffRequest): proto.DiffResponse {
    const { details, deleteBeforeReplace } = resource.diff({
        olds: toProps(request.getOlds()),
        oldInputs: toProps(request.getOldInputs()),
        news: toProps(request.getNews()),
    });
    const response = new proto.DiffResponse();
    const changed = new Set<string>();
    const replaced = new Set<string>();
    for (const [path, kind] of Object.entries(details)) {
        const property = path.split(/[.[]/)[0] ?? path;
        changed.add(property);
        if (kind.endsWith("-replace")) replaced.add(property);
        response.getDetaileddiffMap().set(path, new proto.PropertyDiff().setKind(diffKinds[kind]));
    }
    const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
    return response
        .setChanges(changed.size > 0 ? DIFF_SOME : DIFF_NONE)
        .setHasdetaileddiff(true)
        .setDiffsList([...changed].sort())
        .setReplacesList([...replaced].sort())
        .setDeletebeforereplace(deleteBeforeReplace === true);
}
