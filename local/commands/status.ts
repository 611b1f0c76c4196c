import { type Cloud, hiddenAddress } from "../clouds/clouds.ts";
import { answers, isRunning } from "../clouds/daemonProcess.ts";
import { cloudDirectory } from "../directories.ts";
import { readMachines } from "../machines/record.ts";
import { roomToRun, shortage } from "../system/room.ts";
import { idOf } from "./hosts.ts";

export async function status(cloud: Cloud): Promise<string> {
    const again = `not running: npm run local -- up --name ${cloud.name}`;
    const api = !isRunning(cloud) ? again : (await answers(cloud)) ? "answers" : "does not answer";
    const { hosts, reservedIps } = readMachines(cloudDirectory(cloud.name));
    const rows = Object.values(hosts).map(({ spec, power }) => [
        idOf(spec),
        spec.name,
        spec.publicAddress,
        spec.privateAddress ?? "-",
        power,
        Object.keys(reservedIps)
            .filter((address) => reservedIps[address] === spec.id)
            .join(" ") || "-",
    ]);
    const unheld = rows.length === 0 ? ["no hosts"] : [];
    const header = ["ID", "NAME", "PUBLIC", "PRIVATE", "POWER", "RESERVED IP"];
    const hidden = await hiddenAddress(cloud);
    const short = shortage([roomToRun]);
    return [
        ...(hidden === undefined ? [] : [hiddenWarning(hidden)]),
        ...(short === undefined ? [] : [`WARNING: ${short}`]),
        `cloud ${cloud.name}, API ${cloud.apiUrl} (${api}), Vultr's ${cloud.vultrUrl}`,
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
