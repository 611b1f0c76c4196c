import { expect, test } from "vitest";
import { recorded, secretsIn } from "../../../support/recorded.ts";
import { MEMBERS } from "../../../support/replicated.ts";
import {
    expectNoneInState,
    holders,
    journal,
    openFiles,
    processes,
    search,
} from "../../../support/secretSearch.ts";
import { sharedReplicated } from "../../../support/shared.ts";

const db = await sharedReplicated();

const HOSTS = [...MEMBERS, "web-0", "web-1"];

test("its secrets are in no process, journal, log or state, and only in the files that need them", async () => {
    const searched = { ...db, secrets: secretsIn(await recorded(db.stack)) };
    expect(Object.keys(searched.secrets)).toEqual(
        expect.arrayContaining([
            "db-ca-key",
            "shop-password",
            ...MEMBERS.map((member) => `${member}-member-key`),
        ]),
    );
    await expectNoneInState(searched);
    for (const host of HOSTS) {
        const tlsKeys = MEMBERS.filter((member) => member === host).map(() => "/etc/mysql/tls/key.pem");
        for (const place of [processes, journal])
            expect(await search(searched, host, place), host).toEqual([]);
        expect(await search(searched, host, openFiles), host).toEqual(tlsKeys);
        const held = await holders(searched, host);
        const others = MEMBERS.filter((member) => member !== host).map((member) => `${member}-member-key`);
        for (const name of ["db-ca-key", ...others]) expect(held[name], `${name} on ${host}`).toEqual([]);
        // Neither rows, nor binary logs, nor the slow log have it in plain; on clients two files are this test's own.
        const own = ["/root/client.cnf", "/root/password"];
        expect(
            held["shop-password"]!.filter((file) => !own.includes(file)),
            host,
        ).toEqual(
            tlsKeys.length > 0
                ? ["/etc/evenkeel/databases/shop.password"]
                : ["/etc/evenkeel/databases/shop.cnf"],
        );
    }
});
