import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostFirewall, HostSpec, PowerState, PrivateNetwork } from "./types.ts";

const FILE = "machines.json";

/** What the machines must know to be set up again after the computer itself went down. */
export interface MachinesRecord {
    networks: { [id: string]: PrivateNetwork };
    hosts: { [id: number]: HostRecord };
    /** From reserved IP to the id of the host that holds it. */
    reservedIps: { [address: string]: number };
}

export interface HostRecord {
    spec: HostSpec;
    power: PowerState;
    /** The process id of its init while it is on. */
    init?: number;
    firewall?: HostFirewall;
}

export function readMachines(stateDir: string): MachinesRecord {
    const path = join(stateDir, FILE);
    try {
        return JSON.parse(readFileSync(path, "utf8"));
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        return { networks: {}, hosts: {}, reservedIps: {} };
    }
}

/** Written beside and renamed, so that a reader never sees half of it. */
export function writeMachines(stateDir: string, record: MachinesRecord): void {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const path = join(stateDir, FILE);
    const next = `${path}.next`;
    writeFileSync(next, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    renameSync(next, path);
}
