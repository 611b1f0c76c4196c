import { describe, expect, test } from "vitest";
import { editFile, succeeded } from "../../../support/flagship.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import { sharedGalera } from "../../../support/shared.ts";

const db = await sharedGalera();

const CLIENTS = ["web-0", "web-1"];

describe("clients", () => {
    /** Addresses from which each member lets the user in. */
    const accounts = () =>
        Promise.all(
            MEMBERS.map((member) =>
                db.on(member, "mariadb -N -e \"SELECT host FROM mysql.user WHERE user = 'shop'\" | sort"),
            ),
        );
    const address = (host: string) => db.on(host, `getent hosts ${host} | cut -d ' ' -f 1`);

    test("a host that is a client no more: no member knows its user, what it has open ends, and it gets no more", async () => {
        const [first, second] = await Promise.all(CLIENTS.map(address));
        const member = await address("db-0");
        for (const hosts of await accounts()) expect(hosts.split("\n")).toEqual([first, second].sort());
        const open = db.sql("web-1", "SELECT SLEEP(300)").then(
            () => "lasted",
            () => "ended",
        );
        const sessions = () =>
            db.on("db-0", `mariadb -N -e "SHOW PROCESSLIST" | grep -c 'shop.*${second}' || true`);
        await expect.poll(sessions).toBe("1");

        const undo = editFile(
            `${db.stack.folder}/index.ts`,
            "clients: web.hosts",
            "clients: [web.hosts[0]!]",
        );
        succeeded(await db.stack.up());
        expect(await accounts()).toEqual(MEMBERS.map(() => first));
        expect(await open).toBe("ended");
        await expect(db.sql("web-1", "SELECT 1")).rejects.toThrow(/Lost connection|Can't connect/);
        // It knows neither the members' names any more nor their authority.
        const direct = `timeout 5 mariadb --defaults-file=/root/client.cnf --ssl --skip-ssl-verify-server-cert -h ${member} -e 'SELECT 1'`;
        await expect(db.on("web-1", direct)).rejects.toThrow();
        // What a packet filter lets through is refused all the same.
        await db.on("db-0", `nft insert rule inet evenkeel input ip saddr ${second} accept`);
        await expect(db.on("web-1", direct)).rejects.toThrow(/is not allowed to connect|Access denied/);
        await db.on("db-0", "systemctl reload nftables");
        expect(await db.sql("web-0", "SELECT 1")).toBe("1");

        undo();
        succeeded(await db.stack.up());
        expect(await db.sql("web-1", "SELECT 1")).toBe("1");
    });

    test("a web host less: its user is gone on every member; one more again: it has its own", async () => {
        const undo = editFile(`${db.stack.folder}/index.ts`, "    files:", "    hostCount: 1,\n    files:");
        succeeded(await db.stack.up());
        expect(await accounts()).toEqual(await Promise.all(MEMBERS.map(() => address("web-0"))));
        undo();
        succeeded(await db.stack.up());
        const both = (await Promise.all(CLIENTS.map(address))).sort().join("\n");
        expect(await accounts()).toEqual(MEMBERS.map(() => both));
        await db.prepareClient("web-1");
        expect(await db.sql("web-1", "SELECT 1")).toBe("1");
    });
});
