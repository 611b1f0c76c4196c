/** An answer other than 2xx, as a client sees it. */
export class ApiError extends Error {
    readonly status: number;

    constructor(status: number, message: string) {
        super(message);
        this.status = status;
    }
}

/** What a request says cannot be taken; each provider has its own status for that. */
export class InvalidInput extends Error {}
