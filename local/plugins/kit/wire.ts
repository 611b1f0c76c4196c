import grpc from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { type DiffKind, type InitError, isInitError } from "./resource.ts";
import type { Props } from "./values.ts";

type Struct = InstanceType<typeof struct.Struct>;

export function toProps(message: Struct | undefined): Props {
    return (message?.toJavaScript() ?? {}) as Props;
}

export function toStruct(props: Props): Struct {
    const present = Object.entries(props).filter(([, value]) => value !== undefined);
    return struct.Struct.fromJavaScript(Object.fromEntries(present));
}

export const diffKinds: Record<DiffKind, provider.PropertyDiff.Kind> = {
    add: provider.PropertyDiff.Kind.ADD,
    "add-replace": provider.PropertyDiff.Kind.ADD_REPLACE,
    delete: provider.PropertyDiff.Kind.DELETE,
    "delete-replace": provider.PropertyDiff.Kind.DELETE_REPLACE,
    update: provider.PropertyDiff.Kind.UPDATE,
    "update-replace": provider.PropertyDiff.Kind.UPDATE_REPLACE,
};

export interface ParsedUrn {
    type: string;
    name: string;
}

export function parseUrn(urn: string): ParsedUrn {
    const [, , types = "", ...name] = urn.split("::");
    return { type: types.split("$").pop() ?? "", name: name.join("::") };
}

/** An error as gRPC wants it; one about a half-made resource carries its state, so that it is not forgotten. */
export function toServiceError(error: unknown): Partial<grpc.ServiceError> {
    const message = error instanceof Error ? error.message : String(error);
    const failure: Partial<grpc.ServiceError> = { code: grpc.status.UNKNOWN, details: message, message };
    return isInitError(error) ? { ...failure, metadata: initFailure(error) } : failure;
}

function initFailure(error: InitError): grpc.Metadata {
    const detail = new provider.ErrorResourceInitFailed();
    detail.setId(error.created.id);
    detail.setProperties(toStruct(error.created.outputs));
    detail.setReasonsList([error.message]);
    const packed = new any.Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const report = new status.Status();
    report.setCode(grpc.status.UNKNOWN);
    report.setMessage(error.message);
    report.addDetails(packed);
    const metadata = new grpc.Metadata();
    metadata.add("grpc-status-details-bin", Buffer.from(report.serializeBinary()));
    return metadata;
}
