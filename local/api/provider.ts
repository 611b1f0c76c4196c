import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiContext } from "./context.ts";
import type { ApiError } from "./errors.ts";
import type { Metadata } from "./metadata.ts";

export type SetHeader = (name: string, value: number) => void;

/** What makes an API the one of its provider. */
export interface Provider<Context extends ApiContext> {
    /** Whose token it is; an unknown one is refused. */
    callerOf(authorization: string | undefined): string;
    /** Refuses what this caller may not do. */
    authorize(caller: string, method: string, path: string): void;
    /** Refuses what is too much. */
    admit(request: FastifyRequest, caller: string, setHeader: SetHeader): void;
    /** The provider's own words with a status. */
    says(status: number): string;
    /** The status of an answer to input that cannot be taken. */
    invalidInput: number;
    errorBody(error: ApiError, requestId: string): object;
    routes: ((app: FastifyInstance, context: Context) => void)[];
    /** Keeps every host busy for so long with something that nobody asked for, where the provider has such events. */
    occupy?(context: Context, milliseconds: number, isOn: () => boolean): void;
}

/** The token of an authorization header. */
export function bearer(authorization: string | undefined): string | undefined {
    return /^bearer +(.+)$/i.exec(authorization ?? "")?.[1];
}

/** An API that is ready to listen. */
export interface Api {
    app: FastifyInstance;
    metadata: Metadata;
}
