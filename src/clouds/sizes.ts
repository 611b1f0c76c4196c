const MEMORY = /(?:^|-)(\d+(?:\.\d+)?)(mb|gb?)(?=-|$)/;

/** DigitalOcean's oldest CPU-optimized sizes name their processors alone, each of which has 2 GB. */
const PROCESSORS = /^c-(\d+)(?=-|$)/;

/**
 * Megabytes of memory that a host of this size has, as its slug says: "s-2vcpu-4gb" of DigitalOcean, "vc2-1c-0.5gb" of Vultr.
 * Undefined for a slug that does not say it.
 */
export function memoryOf(size: string): number | undefined {
    const [, amount, unit] = MEMORY.exec(size) ?? [];
    if (amount !== undefined) return Number(amount) * (unit === "mb" ? 1 : 1024);
    const [, processors] = PROCESSORS.exec(size) ?? [];
    return processors === undefined ? undefined : Number(processors) * 2048;
}
