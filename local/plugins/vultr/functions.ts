import { isObject, list, type Props, text, texts, type Value } from "../kit/values.ts";
import { all } from "./api.ts";

type Function = (args: Props) => Promise<Props>;

async function getRegion(args: Props): Promise<Props> {
    const { id, city, country, continent, options } = only(await all<Props>("/v2/regions", "regions"), args);
    return {
        id: id ?? "",
        city: city ?? "",
        country: country ?? "",
        continent: continent ?? "",
        options: options ?? [],
    };
}

async function getPlan(args: Props): Promise<Props> {
    const plan = only(await all<Props>("/v2/plans", "plans"), args);
    return {
        id: plan.id ?? "",
        vcpuCount: plan.vcpu_count ?? 0,
        ram: plan.ram ?? 0,
        disk: plan.disk ?? 0,
        diskCount: plan.disk_count ?? 0,
        bandwidth: plan.bandwidth ?? 0,
        monthlyCost: plan.monthly_cost ?? 0,
        type: plan.type ?? "",
        gpuVram: plan.gpu_vram_gb ?? 0,
        gpuType: plan.gpu_type ?? "",
        locations: plan.locations ?? [],
    };
}

async function getOs(args: Props): Promise<Props> {
    const { id, name, arch, family } = only(await all<Props>("/v2/os", "os"), args);
    return { id: text(id), name: name ?? "", arch: arch ?? "", family: family ?? "" };
}

/** The one item that all filters let through. */
function only(items: Props[], args: Props): Props {
    const filters = list(args.filters).filter(isObject);
    if (filters.length === 0) throw new Error("issue with filter: false");
    const found = items.filter((item) => filters.every((filter) => passes(filter, item)));
    if (found.length > 1)
        throw new Error(
            "your search returned too many results. Please refine your search to be more specific",
        );
    if (found[0] === undefined) throw new Error("no results were found");
    return found[0];
}

/** A list has to hold all of the filter's values, anything else has to be one of them. */
function passes({ name, values }: Props, item: Props): boolean {
    const actual: Value = item[text(name)] ?? null;
    if (Array.isArray(actual)) return texts(values).every((value) => actual.includes(value));
    return actual !== null && texts(values).includes(text(actual));
}

async function told(token: string, args: Props, run: Function): Promise<Props> {
    const result = await run(args).catch((error: Error) => {
        throw new Error(`invoking ${token}: 1 error occurred:\n\t* ${error.message}\n\n`);
    });
    return { ...result, ...(args.filters !== undefined && { filters: args.filters }) };
}

export const functions: Record<string, Function> = Object.fromEntries(
    Object.entries({ getOs, getPlan, getRegion }).map(([name, run]) => {
        const token = `vultr:index/${name}:${name}`;
        return [token, (args: Props) => told(token, args, run)];
    }),
);
