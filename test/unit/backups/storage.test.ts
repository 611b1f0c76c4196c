import fc from "fast-check";
import { expect, test } from "vitest";
import {
    backupTimer,
    folderSshConfig,
    folderSshdConfig,
    nightly,
    resticRepository,
} from "../../../src/backups/storage.ts";
import { inUtc } from "../../../src/hosts/schedule.ts";

test("a folder is reached by SFTP with a key of its own, at a host whose key is pinned", () => {
    const { repository, options } = resticRepository("nightly", {
        kind: "folder",
        host: "files",
        user: "backup-nightly",
    });
    expect(repository).toBe("sftp:storage:/repository");
    expect(options).toEqual(["sftp.command=ssh -F /etc/evenkeel/backups/nightly/ssh_config storage -s sftp"]);
    const config = folderSshConfig("nightly", { host: "files", user: "backup-nightly" });
    for (const line of [
        "StrictHostKeyChecking yes",
        "UserKnownHostsFile /etc/evenkeel/backups/nightly/known_hosts",
        "GlobalKnownHostsFile /dev/null",
        "HostKeyAlias files",
        "IdentitiesOnly yes",
    ])
        expect(config).toContain(`    ${line}\n`);
});

test("whoever has that key sees the folder alone, and runs nothing", () => {
    expect(
        folderSshdConfig({ user: "backup-db", folder: "/srv/backups", keys: "/k" }),
    ).toMatchInlineSnapshot(`
      "Match User backup-db
          AuthorizedKeysFile /k
          AuthenticationMethods publickey
          ChrootDirectory /srv/backups
          ForceCommand internal-sftp
          DisableForwarding yes
          PermitTTY no
      "
    `);
});

test("a bucket, with and without prefix and region", () => {
    const endpoint = "https://fra1.digitaloceanspaces.com";
    expect(resticRepository("nightly", { kind: "s3", bucket: "shop", endpoint: `${endpoint}/` })).toEqual({
        repository: `s3:${endpoint}/shop`,
        options: [],
    });
    expect(
        resticRepository("nightly", { kind: "s3", bucket: "shop", endpoint, prefix: "a/b", region: "fra1" }),
    ).toEqual({
        repository: `s3:${endpoint}/shop/a/b`,
        options: ["s3.region=fra1"],
    });
});

test("a schedule without a zone is in UTC", () => {
    expect(inUtc("*-*-* 02:30")).toBe("*-*-* 02:30 UTC");
    expect(inUtc("daily")).toBe("daily UTC");
    expect(inUtc("Sun 04:00 Europe/Berlin")).toBe("Sun 04:00 Europe/Berlin");
    expect(inUtc("*-*-* 02:30 UTC")).toBe("*-*-* 02:30 UTC");
    expect(backupTimer("nightly", "*-*-* 02:30")).toContain("OnCalendar=*-*-* 02:30 UTC\n");
});

test("each cluster has a minute of its own between 1:00 and 5:00, and always the same", () => {
    expect(nightly("db")).not.toBe(nightly("shop"));
    fc.assert(
        fc.property(fc.string(), (name) => {
            expect(nightly(name)).toMatch(/^\*-\*-\* 0[1-4]:[0-5]\d:00 UTC$/);
            expect(nightly(name)).toBe(nightly(name));
        }),
    );
});
