import grpc from "@grpc/grpc-js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import type { Severity } from "./resource.ts";

export interface EngineLog {
    send(urn: string, severity: Severity, message: string, ephemeral: boolean): void;
    /** Settles when everything sent so far has arrived. */
    flush(): Promise<void>;
    close(): void;
}

const severities = {
    debug: engine.LogSeverity.DEBUG,
    info: engine.LogSeverity.INFO,
    warning: engine.LogSeverity.WARNING,
    error: engine.LogSeverity.ERROR,
};

/** Messages go one after the other: separate calls could overtake each other. */
export function engineLog(address: string | undefined): EngineLog {
    if (address === undefined)
        return { send: () => undefined, flush: async () => undefined, close: () => undefined };
    const client = new engineGrpc.EngineClient(address, grpc.credentials.createInsecure());
    let tail: Promise<void> = Promise.resolve();
    const deliver = (request: InstanceType<typeof engine.LogRequest>): Promise<void> =>
        // A lost message must not fail the work that it tells about.
        new Promise((resolve) => client.log(request, () => resolve()));
    return {
        send(urn, severity, message, ephemeral) {
            const request = new engine.LogRequest();
            request.setUrn(urn);
            request.setSeverity(severities[severity]);
            request.setMessage(message);
            request.setEphemeral(ephemeral);
            tail = tail.then(() => deliver(request));
        },
        flush: () => tail,
        close: () => client.close(),
    };
}
