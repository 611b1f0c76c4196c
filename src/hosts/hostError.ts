import { RunError } from "@pulumi/pulumi";

/** What went wrong on a host, in its words alone: what waits for an output that fails puts its own before them. */
class HostError extends RunError {
    constructor(told: string) {
        super(told);
        Object.defineProperty(this, "message", { get: () => told, set() {} });
    }
}

/** Throws it as that. */
export function inWords(error: Error): never {
    throw new HostError(error.message);
}
