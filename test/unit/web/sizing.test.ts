import { expect, test } from "vitest";
import { memoryOf } from "../../../src/clouds/sizes.ts";
import { workersIn } from "../../../src/web/sizing.ts";

test.each<[slug: string, megabytes: number | undefined]>([
    ["s-1vcpu-512mb-10gb", 512],
    ["s-1vcpu-1gb", 1024],
    ["s-1vcpu-1gb-35gb-intel", 1024],
    ["s-4vcpu-16gb-320gb-intel", 16_384],
    ["c-2", 4096],
    ["c-16-intel", 32_768],
    ["c2-4vcpu-8gb", 8192],
    ["so1_5-2vcpu-16gb", 16_384],
    ["vc2-1c-0.5gb-v6", 512],
    ["vc2-2c-4gb", 4096],
    ["vhp-1c-2gb-amd", 2048],
    ["voc-m-2c-16gb-400s-amd", 16_384],
    ["vx1-g-2c-8g", 8192],
    ["vcg-a16-2c-8g-2vram", 8192],
    ["custom", undefined],
])("a host of the size %s has %s MB", (slug, megabytes) => {
    expect(memoryOf(slug)).toBe(megabytes);
});

test.each<[memory: number, limit: number, workers: number]>([
    [512, 128, 4],
    [1024, 128, 8],
    [1024, 256, 4],
    [2048, 128, 16],
    [4096, 96, 42],
    [512, 512, 2],
    [1_048_576, 128, 1000],
])("in %i MB with %i MB at most for each, PHP has %i workers", (memory, limit, workers) => {
    expect(workersIn(memory, limit)).toBe(workers);
});
