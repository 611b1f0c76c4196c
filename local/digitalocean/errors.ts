import { ApiError } from "../api/errors.ts";

export const notFound = () => new ApiError(404, says(404));

export const unprocessable = (message: string) => new ApiError(422, message);

export const conflict = (message: string) => new ApiError(409, message);

export const forbidden = (message: string) => new ApiError(403, message);

export const pendingEvent = () => unprocessable("Droplet already has a pending event.");

/** The provider's words with a status, where nothing more is to be said. */
export function says(status: number): string {
    return messages[status] ?? "Unexpected server-side error";
}

export function errorBody({ status, message }: ApiError, requestId: string) {
    const id = ids[status] ?? (status < 500 ? "bad_request" : "server_error");
    return { id, message, request_id: requestId };
}

const messages: Record<number, string> = {
    400: "The request body is not valid JSON",
    401: "Unable to authenticate you",
    403: "You are not authorized to perform this operation",
    404: "The resource you were accessing could not be found.",
    429: "API rate limit exceeded.",
};

const ids: Record<number, string> = {
    401: "Unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    412: "precondition_failed",
    422: "unprocessable_entity",
    429: "too_many_requests",
};
