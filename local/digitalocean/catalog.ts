import type { FastifyInstance } from "fastify";
import type { Context } from "./context.ts";
import { notFound } from "./errors.ts";
import { page } from "./pages.ts";

const regionNames = {
    nyc1: "New York 1",
    nyc2: "New York 2",
    nyc3: "New York 3",
    ams3: "Amsterdam 3",
    sfo2: "San Francisco 2",
    sfo3: "San Francisco 3",
    sgp1: "Singapore 1",
    lon1: "London 1",
    fra1: "Frankfurt 1",
    tor1: "Toronto 1",
    blr1: "Bangalore 1",
    syd1: "Sydney 1",
    atl1: "Atlanta 1",
};
const regionSlugs = Object.keys(regionNames);

/** Slug, MB, vCPUs, GB of disk, TB of transfer, US dollars a month. */
const sizeTable: [string, number, number, number, number, number][] = [
    ["s-1vcpu-512mb-10gb", 512, 1, 10, 0.5, 4],
    ["s-1vcpu-1gb", 1024, 1, 25, 1, 6],
    ["s-1vcpu-2gb", 2048, 1, 50, 2, 12],
    ["s-2vcpu-2gb", 2048, 2, 60, 3, 18],
    ["s-2vcpu-4gb", 4096, 2, 80, 4, 24],
    ["s-4vcpu-8gb", 8192, 4, 160, 5, 48],
    ["s-8vcpu-16gb", 16384, 8, 320, 6, 96],
];

export const sizes = sizeTable.map(([slug, memory, vcpus, disk, transfer, monthly]) => ({
    slug,
    memory,
    vcpus,
    disk,
    transfer,
    price_monthly: monthly,
    price_hourly: Number((monthly / 672).toFixed(5)),
    regions: regionSlugs,
    available: true,
    description: "Basic",
}));

export const regions = Object.entries(regionNames).map(([slug, name]) => ({
    name,
    slug,
    available: true,
    features: ["backups", "ipv6", "metadata", "install_agent", "storage", "image_transfer"],
    sizes: sizes.map((size) => size.slug),
}));

/** Only what the local cloud can boot. */
export const images = [
    {
        id: 165084633,
        name: "12 x64",
        distribution: "Debian",
        slug: "debian-12-x64",
        public: true,
        regions: regionSlugs,
        created_at: "2024-08-22T00:00:00Z",
        min_disk_size: 7,
        type: "base",
        size_gigabytes: 1,
        description: "Debian 12 x64",
        tags: [],
        status: "available",
        error_message: "",
    },
];

export type Size = (typeof sizes)[number];
export type Region = (typeof regions)[number];
export type Image = (typeof images)[number];

export const findSize = (slug: unknown): Size | undefined => sizes.find((size) => size.slug === slug);
export const findRegion = (slug: unknown): Region | undefined =>
    regions.find((region) => region.slug === slug);
export const findImage = (key: unknown): Image | undefined =>
    images.find((image) => image.slug === key || image.id === key || String(image.id) === key);

export function catalogRoutes(app: FastifyInstance, { limits, state }: Context): void {
    app.get("/v2/account", () => ({
        account: {
            droplet_limit: limits.droplets,
            floating_ip_limit: limits.reservedIps,
            reserved_ip_limit: limits.reservedIps,
            volume_limit: 0,
            email: "developer@example.org",
            name: "Local cloud",
            uuid: state.ownerId,
            email_verified: true,
            status: "active",
            status_message: "",
            team: { uuid: state.ownerId, name: "Local cloud" },
        },
    }));
    app.get("/v2/regions", (request) => page(request, "regions", regions, (region) => region));
    app.get("/v2/sizes", (request) => page(request, "sizes", sizes, (size) => size));
    app.get("/v2/images", (request) => {
        const { type, private: isPrivate } = request.query as Record<string, string | undefined>;
        const none = isPrivate === "true" || type === "application";
        return page(request, "images", none ? [] : images, (image) => image);
    });
    app.get("/v2/images/:key", (request) => {
        const image = findImage((request.params as { key: string }).key);
        if (!image) throw notFound();
        return { image };
    });
}
