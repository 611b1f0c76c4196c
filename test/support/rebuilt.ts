import { readFileSync } from "node:fs";
import { execa } from "execa";
import type { Cloud } from "../../local/clouds/clouds.ts";
import { findHost } from "../../local/commands/hosts.ts";
import { containerName } from "../../local/machines/container.ts";
import { onHost } from "./flagship.ts";

/** What the versions of rebuilt packages end in. */
export const SUFFIX = "+rebuilt";
const FOLDER = "/srv/rebuilt";
const LIST = "/etc/apt/sources.list.d/rebuilt.list";

/** Has apt offer the first host's packages of some sources with a higher version, on all of the hosts. */
export async function offerRebuilt(cloud: Cloud, hosts: string[], sources: string[]): Promise<void> {
    const [first, ...others] = hosts as [string, ...string[]];
    const script = readFileSync(new URL("rebuiltPackages.sh", import.meta.url), "utf8");
    await onHost(cloud, first, `bash -s ${FOLDER} '${SUFFIX}' ${sources.join(" ")} <<'END'\n${script}\nEND`);
    const container = (host: string) => containerName(cloud.name, findHost(cloud, host).id);
    for (const other of others) {
        const copy = `podman exec ${container(first)} tar -C / -c ${FOLDER.slice(1)} ${LIST.slice(1)} | podman exec -i ${container(other)} tar -C / -x`;
        await execa("bash", ["-c", copy]);
    }
}

export const withdrawRebuilt = (cloud: Cloud, hosts: string[]) =>
    Promise.all(hosts.map((host) => onHost(cloud, host, `rm -rf ${FOLDER} ${LIST}`)));
