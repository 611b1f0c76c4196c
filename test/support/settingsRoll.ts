import { expect } from "vitest";
import { type DatabaseStack, lostRows, startWriter, type Written } from "./databases.ts";
import { editFile, succeeded } from "./flagship.ts";
import { MEMBERS } from "./replicated.ts";

/**
 * Rolls a setting out over the members of a cluster while rows are written, and back: one line of each in the preview,
 * and no row is lost.
 *
 * @returns what the writer saw of the way out
 */
export async function rollSetting(db: DatabaseStack): Promise<Written> {
    const writer = await startWriter(db, "web-0", "rolled");
    const setting = "settings: { max_connections: 90 }, hostCount";
    const undo = editFile(`${db.stack.folder}/index.ts`, "hostCount", setting);
    const preview = succeeded(await db.stack.preview("--diff"));
    expect(preview.match(/- max_connections = 80/g)).toHaveLength(3);
    expect(preview.match(/\+ max_connections = 90/g)).toHaveLength(3);
    succeeded(await db.stack.up());
    const written = await writer.stop();
    expect(await lostRows(db, "web-0", "rolled", written)).toEqual([]);
    const connections = (member: string) => db.on(member, "mariadb -N -e 'SELECT @@max_connections'");
    for (const member of MEMBERS) expect(await connections(member), member).toBe("90");
    undo();
    succeeded(await db.stack.up());
    return written;
}
