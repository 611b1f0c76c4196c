import type { FastifyInstance } from "fastify";
import type { Context } from "./context.ts";
import { gone } from "./errors.ts";
import { page } from "./pages.ts";

/** Id, city, country, continent. */
const regionTable: [string, string, string, string][] = [
    ["ams", "Amsterdam", "NL", "Europe"],
    ["atl", "Atlanta", "US", "North America"],
    ["blr", "Bangalore", "IN", "Asia"],
    ["bom", "Mumbai", "IN", "Asia"],
    ["cdg", "Paris", "FR", "Europe"],
    ["dfw", "Dallas", "US", "North America"],
    ["ewr", "New Jersey", "US", "North America"],
    ["fra", "Frankfurt", "DE", "Europe"],
    ["icn", "Seoul", "KR", "Asia"],
    ["itm", "Osaka", "JP", "Asia"],
    ["jnb", "Johannesburg", "ZA", "Africa"],
    ["lax", "Los Angeles", "US", "North America"],
    ["lhr", "London", "GB", "Europe"],
    ["mad", "Madrid", "ES", "Europe"],
    ["man", "Manchester", "GB", "Europe"],
    ["mel", "Melbourne", "AU", "Australia"],
    ["mex", "Mexico City", "MX", "North America"],
    ["mia", "Miami", "US", "North America"],
    ["nrt", "Tokyo", "JP", "Asia"],
    ["ord", "Chicago", "US", "North America"],
    ["sao", "São Paulo", "BR", "South America"],
    ["sea", "Seattle", "US", "North America"],
    ["sgp", "Singapore", "SG", "Asia"],
    ["sjc", "Silicon Valley", "US", "North America"],
    ["sto", "Stockholm", "SE", "Europe"],
    ["syd", "Sydney", "AU", "Australia"],
    ["waw", "Warsaw", "PL", "Europe"],
    ["yto", "Toronto", "CA", "North America"],
];

/** Id, vCPUs, MB, GB of disk, GB of transfer, US dollars a month. */
const planTable: [string, number, number, number, number, number][] = [
    ["vc2-1c-1gb", 1, 1024, 25, 1024, 5],
    ["vc2-1c-2gb", 1, 2048, 55, 2048, 10],
    ["vc2-2c-2gb", 2, 2048, 65, 3072, 15],
    ["vc2-2c-4gb", 2, 4096, 80, 3072, 20],
    ["vc2-4c-8gb", 4, 8192, 160, 4096, 40],
    ["vc2-6c-16gb", 6, 16384, 320, 5120, 80],
];

const regions = regionTable.map(([id, city, country, continent]) => ({
    id,
    city,
    country,
    continent,
    options: ["ddos_protection"],
}));

const plans = planTable.map(([id, vcpus, ram, disk, bandwidth, monthly]) => ({
    id,
    vcpu_count: vcpus,
    ram,
    disk,
    disk_count: 1,
    bandwidth,
    monthly_cost: monthly,
    type: "vc2",
    locations: regions.map((region) => region.id),
}));

/** Only what the local cloud can boot. */
const systems = [{ id: 2136, name: "Debian 12 x64 (bookworm)", arch: "x64", family: "debian" }];

export type Plan = (typeof plans)[number];

export const findRegion = (id: string) => regions.find((region) => region.id === id);
export const findPlan = (id: string): Plan | undefined => plans.find((plan) => plan.id === id);
export const findSystem = (id: number | undefined) => systems.find((system) => system.id === id);

export function catalogRoutes(app: FastifyInstance, { bgp }: Context): void {
    app.get("/v2/account", () => ({
        account: {
            name: "Local cloud",
            email: "developer@example.org",
            acls: ["manage_users", "subscriptions", "provisioning", "firewall", "dns"],
            balance: 0,
            pending_charges: 0,
            last_payment_date: "",
            last_payment_amount: 0,
        },
    }));
    app.get("/v2/account/bgp", () => ({ enabled: true, ...bgp }));
    app.get("/v2/regions", (request) => page(request, "regions", regions, (region) => region));
    app.get("/v2/regions/:id/availability", (request) => {
        if (!findRegion((request.params as { id: string }).id)) throw gone.region();
        return { available_plans: plans.map((plan) => plan.id) };
    });
    app.get("/v2/plans", (request) => {
        const { type } = request.query as Record<string, string | undefined>;
        const chosen = plans.filter((plan) => !type || type === "all" || plan.type === type);
        return page(request, "plans", chosen, (plan) => plan);
    });
    app.get("/v2/os", (request) => page(request, "os", systems, (system) => system));
}
