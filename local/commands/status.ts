import { type Cloud, hiddenAddress } from "../clouds/clouds.ts";
import { answers, isRunning } from "../clouds/daemonProcess.ts";
import { cloudDirectory } from "../directories.ts";
import { readMachines } from "../machines/record.ts";

export async function status(cloud: Cloud): Promise<string> {
    const api = !isRunning(cloud) ? "not running" : (await answers(cloud)) ? "answers" : "does not answer";
    const { hosts, reservedIps } = readMachines(cloudDirectory(cloud.name));
    const rows = Object.values(hosts).map(({ spec, power }) => [
        `${spec.id}`,
        spec.name,
        spec.publicAddress,
        spec.privateAddress,
        power,
        Object.keys(reservedIps).find((address) => reservedIps[address] === spec.id) ?? "-",
    ]);
    const unheld = rows.length === 0 ? ["no hosts"] : [];
    const header = ["ID", "NAME", "PUBLIC", "PRIVATE", "POWER", "RESERVED IP"];
    const hidden = await hiddenAddress(cloud);
    return [
        ...(hidden === undefined ? [] : [hiddenWarning(hidden)]),
        `cloud ${cloud.name}, API ${cloud.apiUrl} (${api})`,
        ...(rows.length === 0 ? unheld : table([header, ...rows])),
    ].join("\n");
}

function table(rows: string[][]): string[] {
    const widths = (rows[0] ?? []).map((_, column) =>
        Math.max(...rows.map((row) => row[column]?.length ?? 0)),
    );
    return rows.map((row) =>
        row
            .map((cell, column) => cell.padEnd(widths[column] ?? 0))
            .join("  ")
            .trimEnd(),
    );
}

export const hiddenWarning = (address: string) =>
    `WARNING: this cloud hides ${address}, where this machine gets its packages. Take it down and up again.`;
