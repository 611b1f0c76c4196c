import { expect, test } from "vitest";
import { databaseOn } from "../../../support/databases.ts";
import { succeeded } from "../../../support/flagship.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();

test("destroy is refused while the cluster is protected; even without a preview its rows stay", async () => {
    const hosts = async () => {
        const { droplets } = (await db.api("GET", "/v2/droplets")) as {
            droplets: { id: number; name: string }[];
        };
        const members = droplets.filter(({ name }) => MEMBERS.includes(name));
        return members.map(({ id }) => id).sort();
    };
    await db.on(
        "db-0",
        "mariadb -e 'CREATE OR REPLACE TABLE shop.protected (n INT PRIMARY KEY); INSERT INTO shop.protected VALUES (7)'",
    );
    const before = await hosts();
    const refused = await db.stack.pulumi("destroy", "--yes");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toContain("protected");
    succeeded(await db.stack.up("--expect-no-changes"));

    const { exitCode } = await db.stack.destroy();
    expect(exitCode).not.toBe(0);
    expect(await hosts()).toEqual(before);
    succeeded(await db.stack.up());
    // Web hosts hold no rows, nor is a password protected: these are others.
    await (await databaseOn(db.cloud, db.stack, db.program)).prepareClients();
    await db.synced(MEMBERS);
    expect(await hosts()).toEqual(before);
    expect(await db.on("db-1", "mariadb -N -e 'SELECT n FROM shop.protected'")).toBe("7");
});
