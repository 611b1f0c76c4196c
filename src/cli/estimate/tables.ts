import type { CloudEstimate, Estimate, EstimateRow } from "../../estimate/estimate.ts";
import { rendered } from "../table.ts";

/** What a stack costs, for people. */
export function told({ rows, monthly, unpriced, clouds, measured }: Estimate): string {
    const count = rows.reduce((total, { hosts }) => total + hosts.length, 0);
    const sum = `${unpriced.length > 0 ? "at least " : ""}${dollars(monthly)}`;
    const balancer = number(measured.balancer);
    return [
        rendered([
            ["component", "kind", "hosts", "size", "USD a month", "transfer"],
            ...rows.map(cells),
            ["in all", "", String(count), "", sum, ""],
        ]),
        ...clouds.map(cloudLines),
        ...(rows.some(({ kind }) => kind === "WebPool")
            ? [
                  `measured: ${number(measured.webHost)} requests a second by each of two web hosts of 1 CPU and 1 GB, ${balancer} by the balancer before them:
  a short page over HTTPS, hosts of the local cloud on ${measured.date} (${measured.source})`,
              ]
            : []),
    ].join("\n\n");
}

function cells({ component, kind, hosts, size, monthly, transfer, unpriced }: EstimateRow): string[] {
    return [
        component ?? "hosts of your own",
        kind ?? "",
        hosts.length > 0 ? String(hosts.length) : "",
        size ?? "",
        monthly === undefined ? (unpriced ?? "") : dollars(monthly),
        transfer === undefined ? "" : terabytes(transfer),
    ];
}

function cloudLines({ cloud, monthly, transfer, extraTransfer, date, sources }: CloudEstimate): string {
    return [
        `${cloud}: ${dollars(monthly)} USD a month with ${terabytes(transfer)} of outgoing transfer, each GB beyond it ${dollars(extraTransfer)} USD`,
        `  list prices of ${date}, without taxes and backups; some regions may cost more`,
        ...sources.map((source) => `  ${source}`),
    ].join("\n");
}

const dollars = (amount: number) => amount.toFixed(2);
const terabytes = (amount: number) => `${amount} TB`;
const number = (amount: number) => amount.toLocaleString("en-US");
