import type { Props } from "./values.ts";

export type Severity = "debug" | "info" | "warning" | "error";

/** What a call knows about the resource it is for. */
export interface Call {
    urn: string;
    name: string;
    /** From the resource's customTimeouts; 0 when it has none. */
    timeoutSeconds: number;
    cancelled: AbortSignal;
    /** A line of progress; it shows while the resource is worked on and is gone afterwards. */
    progress(message: string): void;
    log(severity: Severity, message: string): void;
}

export interface CheckRequest {
    name: string;
    olds: Props;
    news: Props;
    seed: Uint8Array;
    autonaming?: { mode: "propose" | "enforce" | "disable"; proposedName: string } | undefined;
}

export interface CheckFailure {
    property: string;
    reason: string;
}

export type DiffKind = "add" | "delete" | "update" | "add-replace" | "delete-replace" | "update-replace";

export interface Diff {
    /** By property path, as in `inboundRules[1].portRange`. */
    details: Record<string, DiffKind>;
    deleteBeforeReplace?: boolean;
}

export interface DiffRequest {
    /** The recorded outputs. */
    olds: Props;
    oldInputs: Props;
    news: Props;
}

export interface State {
    id: string;
    outputs: Props;
}

export interface Resource {
    check(request: CheckRequest): { inputs: Props; failures?: CheckFailure[] };
    diff(request: DiffRequest): Diff;
    /** The outputs as far as they can be told beforehand; nothing is contacted. `olds` on an update. */
    preview(news: Props, olds?: Props): Props;
    create(inputs: Props, call: Call): Promise<State>;
    read?(
        id: string,
        olds: Props,
        inputs: Props,
        call: Call,
    ): Promise<(State & { inputs: Props }) | undefined>;
    update?(id: string, olds: Props, news: Props, call: Call): Promise<Props>;
    delete?(id: string, olds: Props, call: Call): Promise<void>;
}

export interface Provider {
    version: string;
    resources: Record<string, Resource>;
    functions?: Record<string, (args: Props) => Promise<Props>>;
    configure?(args: Props): void;
}

/** The resource exists, but is not as it should be: the engine records it and the next `up` goes on from there. */
export interface InitError extends Error {
    created: State;
}

export function initError(message: string, created: State): InitError {
    return Object.assign(new Error(message), { created });
}

export function isInitError(error: unknown): error is InitError {
    return error instanceof Error && "created" in error;
}
