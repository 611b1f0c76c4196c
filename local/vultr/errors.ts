import { ApiError } from "../api/errors.ts";

/** Clients know by these very words that a resource is gone. */
export const gone = {
    instance: () => new ApiError(404, "invalid instance ID"),
    vpc: () => new ApiError(404, "Invalid VPC ID"),
    reservedIp: () => new ApiError(404, "Invalid reserved-ip ID"),
    firewallGroup: () => new ApiError(404, "Invalid firewall group ID"),
    firewallRule: () => new ApiError(404, "Firewall rule ID not found"),
    key: () => new ApiError(404, "Invalid ssh key"),
    script: () => new ApiError(404, "Invalid startup script ID"),
    region: () => new ApiError(400, "Invalid region."),
    domain: () => new ApiError(404, "Invalid domain"),
    record: () => new ApiError(404, "Invalid record ID"),
};

export const invalid = (message: string) => new ApiError(400, message);

/** The provider has it, and no host of a local cloud could do it. */
export const notLocal = (what: string) => invalid(`${what} cannot be had in the local cloud`);

export function says(status: number): string {
    return messages[status] ?? "Internal server error";
}

/** Some clients look for `"status":404`, without a space. */
export function errorBody({ status, message }: ApiError) {
    return { error: message, status };
}

const messages: Record<number, string> = {
    400: "Invalid JSON",
    401: "Invalid API token.",
    403: "Forbidden",
    404: "Not found",
    429: "Rate limit exceeded",
    503: "Service unavailable",
};
