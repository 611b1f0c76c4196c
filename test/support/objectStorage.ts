import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { Cloud } from "../../local/clouds/clouds.ts";
import { findHost } from "../../local/commands/hosts.ts";
import { cacheDirectory } from "../../local/directories.ts";
import { containerName } from "../../local/machines/container.ts";
import { within } from "../../tools/waiting.ts";
import { onHost } from "./flagship.ts";

const MOTO = "5.1.22";
const PORT = 9000;

/** S3-compatible storage on a host of the cloud, with a bucket; gives the address at which the other hosts reach it. */
export async function serveBucket(cloud: Cloud, host: string, bucket: string): Promise<string> {
    const container = containerName(cloud.name, findHost(cloud, host).id);
    await execa("podman", ["cp", await moto(), `${container}:/opt/moto`]);
    await onHost(
        cloud,
        host,
        `echo 'tcp dport ${PORT} accept' >/etc/nftables.d/50-s3.nft; systemctl reload nftables`,
    );
    const server = `python3 -m moto.server -H 0.0.0.0 -p ${PORT}`;
    await onHost(cloud, host, `systemd-run -q --unit s3 -E PYTHONPATH=/opt/moto ${server}`);
    const create = `curl -fsS -m 5 -o /dev/null -X PUT http://127.0.0.1:${PORT}/${bucket}`;
    await within(60, "the storage to answer", () =>
        onHost(cloud, host, create).then(
            () => true,
            () => false,
        ),
    );
    const address = await onHost(
        cloud,
        host,
        `getent -s files ahostsv4 ${host} | awk 'NR == 1 { print $1 }'`,
    );
    return `http://${address}:${PORT}`;
}

/** From PyPI into the cache, for the hosts' Python. */
async function moto(): Promise<string> {
    const folder = join(cacheDirectory(), `moto-${MOTO}`);
    if (!existsSync(join(folder, "moto"))) {
        const wheels = ["--target", folder, "--python-version", "3.11", "--only-binary=:all:"];
        await execa("python3", [
            "-m",
            "pip",
            "install",
            "-q",
            ...wheels,
            `moto[s3]==${MOTO}`,
            "flask",
            "flask-cors",
        ]);
    }
    return folder;
}
