import { execa } from "execa";
import type { Cloud } from "../../local/clouds/clouds.ts";
import { findHost } from "../../local/commands/hosts.ts";
import { containerName } from "../../local/machines/container.ts";
import { backupPackages, backupPrograms } from "../../src/backups/role.ts";
import { checkout } from "../../tools/paths.ts";
import { within } from "../../tools/waiting.ts";
import { onHost } from "./flagship.ts";

const LIBRARY = "/usr/local/lib/evenkeel";

/** Makes a host a MariaDB with binary logs and backups in a folder of its own: a replicated cluster of one. */
export async function standaloneMariadb(cloud: Cloud, host: string): Promise<void> {
    const on = (command: string) => onHost(cloud, host, command);
    const container = containerName(cloud.name, findHost(cloud, host).id);
    const copy = (from: string, to: string) =>
        execa("podman", ["cp", `${checkout}/${from}`, `${container}:${to}`]);
    const write = (path: string, input: string) => onHost(cloud, host, `umask 077; cat >${path}`, input);

    const packages = ["mariadb-server", ...backupPackages].join(" ");
    await on(`DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends ${packages}`);
    for (const path of backupPrograms) await copy(path.replace(/^(\w+)/, "src/$1/onhost"), `${LIBRARY}/`);
    await copy("test/support/replicatedMember.py", `${LIBRARY}/replicated-member`);
    await on(`chmod 755 ${LIBRARY}/replicated-member; mkdir -p /etc/evenkeel/backups/alone`);
    await write("/etc/mysql/mariadb.conf.d/90-test.cnf", settings);
    await on("chmod 644 /etc/mysql/mariadb.conf.d/90-test.cnf; systemctl restart mariadb");
    const subject = `-subj /CN=${host} -addext subjectAltName=DNS:${host}`;
    const key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /root/key.pem";
    await on(`openssl req -x509 ${key} -out /root/cert.pem -days 2 ${subject}`);
    await write("/etc/evenkeel/backups/alone/repository.password", "a-password");
    await write("/etc/evenkeel/backups/alone/config.json", JSON.stringify(config(host)));
    await on(
        `systemd-run -q --unit alone ${LIBRARY}/replicated-member serve; ${LIBRARY}/database-backup init`,
    );
    await within(20, "the member to answer", () =>
        on(`curl -fsS -m 2 --cacert /root/cert.pem https://${host}:9200/write`).then(
            () => true,
            () => false,
        ),
    );
}

const settings = `[mariadbd]
log_bin = binlog
gtid_strict_mode = ON
server_id = 1
`;

const config = (host: string) => ({
    backups: "alone",
    password: "/etc/evenkeel/backups/alone/repository.password",
    name: host,
    kind: "replicated",
    cluster: "alone",
    members: [host],
    healthPort: 9200,
    ca: "/root/cert.pem",
    repository: "/srv/alone",
    options: [],
    schedule: "daily UTC",
    keep: 3,
    compression: "auto",
    binlogs: true,
});
