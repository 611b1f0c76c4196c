import { memoryOf } from "../clouds/sizes.ts";
import { machineOf } from "../hosts/inventory.ts";

/** What PHP itself has as `memory_limit`, in megabytes. */
const MEMORY_LIMIT_MB = 128;

/** What a host is taken for that the program does not create, or whose size does not tell: the clouds' default, in megabytes. */
const ASSUMED_MB = 1024;

export const MOST_WORKERS = 1000;

/** PHP's processes on a host, and what each of them may take. */
export interface PhpSizing {
    workers: number;
    /** Megabytes. */
    memoryLimit: number;
}

/**
 * PHP on a host: as many processes as its memory has room for when each takes what it may. They seldom do: at the half, which
 * is 64 MB by default, the other half is the system's, nginx's and OPcache's.
 */
export function phpSizing(host: string, { phpWorkers, phpMemoryLimit }: PhpSizes): PhpSizing {
    const memoryLimit = phpMemoryLimit ?? MEMORY_LIMIT_MB;
    const size = machineOf(host)?.size;
    const memory = (size === undefined ? undefined : memoryOf(size)) ?? ASSUMED_MB;
    return { workers: phpWorkers ?? workersIn(memory, memoryLimit), memoryLimit };
}

interface PhpSizes {
    phpWorkers?: number;
    phpMemoryLimit?: number;
}

/** Two at least: a page may ask its own site for another one. */
export const workersIn = (memory: number, memoryLimit: number): number =>
    Math.min(Math.max(Math.floor(memory / memoryLimit), 2), MOST_WORKERS);
