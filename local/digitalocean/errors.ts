/** An answer other than 2xx, as a client sees it. */
export class ApiError extends Error {
    readonly status: number;
    readonly id: string;

    constructor(status: number, id: string, message: string) {
        super(message);
        this.status = status;
        this.id = id;
    }
}

export const notFound = () =>
    new ApiError(404, "not_found", "The resource you were accessing could not be found.");

export const unprocessable = (message: string) => new ApiError(422, "unprocessable_entity", message);

export const conflict = (message: string) => new ApiError(409, "conflict", message);

export const forbidden = (message: string) => new ApiError(403, "forbidden", message);

export const pendingEvent = () => unprocessable("Droplet already has a pending event.");
