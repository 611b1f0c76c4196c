import type { DatabaseStack } from "./databases.ts";
import { succeeded } from "./flagship.ts";

export const BACKUP = "database-backup";

export interface Backup {
    name: string;
    /** Who made it. */
    member: string;
}

/** Those that count, the newest last. */
export async function backupsOf(db: DatabaseStack): Promise<Backup[]> {
    return JSON.parse(succeeded(await db.evenkeel("backups", "--json"))) as Backup[];
}

/** What a command prints, and then whether it failed. */
export const tried = (db: DatabaseStack, host: string, command: string) =>
    db.on(host, `if { ${command}; } 2>&1; then echo SUCCEEDED; else echo FAILED; fi`);
