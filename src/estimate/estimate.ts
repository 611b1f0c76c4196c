import { CloudName, type Prices } from "../clouds/cloud.ts";
import { cloudOf } from "../clouds/cloudOf.ts";
import type { Holding } from "../hosts/inventory.ts";
import { type Measured, measured } from "./measured.ts";

/** What a stack has. */
export interface Holdings {
    hosts: (Holding & { name: string; size: string })[];
    addresses: Holding[];
    /** Hosts that it uses and does not create, by name. */
    others: string[];
}

/** What something costs a month, by list prices in USD and without taxes. */
export interface EstimateRow {
    /** The component that creates it; nothing for hosts that the stack only uses. */
    component?: string;
    /** The component's class. */
    kind?: string;
    cloud?: CloudName;
    /** By name. */
    hosts: string[];
    /** Slug of the hosts' size, or "reserved IP". */
    size?: string;
    monthly?: number;
    /** Terabytes a month that the hosts may send for that. */
    transfer?: number;
    /** Why there is no price. */
    unpriced?: string;
}

/** What a stack has of one cloud. */
export interface CloudEstimate extends Pick<Prices, "date" | "sources" | "extraTransfer"> {
    cloud: CloudName;
    monthly: number;
    transfer: number;
}

/** What a stack costs a month, by list prices in USD and without taxes. */
export interface Estimate {
    /** The sum of everything that has a price. */
    monthly: number;
    /** Sizes that have none, and in which table they were looked for. */
    unpriced: string[];
    rows: EstimateRow[];
    clouds: CloudEstimate[];
    /** What such hosts were seen to serve. */
    measured: Measured;
}

export function estimateOf({ hosts, addresses, others }: Holdings): Estimate {
    const rows = [
        ...grouped(hosts, ({ component, cloud, size }) => [component, cloud, size].join()).map(hostRow),
        ...addresses.map(addressRow),
    ].sort(byComponent);
    const ofCloud = (name: CloudName) => rows.filter(({ cloud }) => cloud === name);
    return {
        monthly: sum(rows.map(({ monthly }) => monthly)),
        unpriced: [
            ...new Set(rows.flatMap(({ size, unpriced }) => (unpriced ? [`${size}: ${unpriced}`] : []))),
        ],
        rows: [...rows, ...(others.length > 0 ? [{ hosts: others, unpriced: "yours" }] : [])],
        clouds: Object.values(CloudName)
            .filter((cloud) => ofCloud(cloud).length > 0)
            .map((cloud) => cloudEstimate(cloud, ofCloud(cloud))),
        measured,
    };
}

type CloudRow = EstimateRow & Holding;

function hostRow(hosts: Holdings["hosts"]): CloudRow {
    const { component, kind, cloud, size } = hosts[0]!;
    const row = { component, kind, cloud, hosts: hosts.map(({ name }) => name), size };
    const { date, sizes } = cloudOf(cloud).prices;
    const price = Object.hasOwn(sizes, size) ? sizes[size] : undefined;
    if (!price) return { ...row, unpriced: `not in the price table of ${date}` };
    return { ...row, monthly: hosts.length * price.monthly, transfer: hosts.length * price.transfer };
}

function addressRow({ component, kind, cloud }: Holding): CloudRow {
    return {
        component,
        kind,
        cloud,
        hosts: [],
        size: "reserved IP",
        monthly: cloudOf(cloud).prices.reservedAddress,
    };
}

function cloudEstimate(cloud: CloudName, rows: CloudRow[]): CloudEstimate {
    const { date, sources, extraTransfer } = cloudOf(cloud).prices;
    return {
        cloud,
        monthly: sum(rows.map(({ monthly }) => monthly)),
        transfer: sum(rows.map(({ transfer }) => transfer)),
        extraTransfer,
        date,
        sources,
    };
}

/** To the cent: prices need not be whole. */
const sum = (numbers: (number | undefined)[]) =>
    Math.round(100 * numbers.reduce<number>((total, each = 0) => total + each, 0)) / 100;

const inOrder = new Intl.Collator("en", { numeric: true });

/** What a component has stays in the order in which it comes. */
const byComponent = (one: CloudRow, other: CloudRow) => inOrder.compare(one.component, other.component);

function grouped<Item>(items: Item[], key: (item: Item) => string): Item[][] {
    const groups = new Map<string, Item[]>();
    for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
    return [...groups.values()];
}
