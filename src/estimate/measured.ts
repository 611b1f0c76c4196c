/** Requests a second that hosts were seen to serve. */
export interface Measured {
    /** By one balancer of 1 CPU and 1 GB, over HTTPS, with connections that stay open and a page of 45 bytes. */
    balancer: number;
    /** By each of the two web hosts of that size behind it, which were not the limit. */
    webHost: number;
    /** When. */
    date: string;
    source: string;
}

/** "Serving" of docs/benchmarks.md; a test holds the two together. */
export const measured: Measured = {
    balancer: 18430,
    webHost: 9215,
    date: "2026-11-29",
    source: "docs/benchmarks.md",
};
