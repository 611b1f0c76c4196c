import type { Cloud } from "../../local/clouds/clouds.ts";
import { renderInput } from "../../src/hosts/applyRole.ts";
import { installText } from "../../src/hosts/baseline.ts";
import { library, libraryPackages, program } from "../../src/hosts/programs.ts";
import { succeeds, within } from "../../tools/waiting.ts";
import { apiOf, onHost } from "./flagship.ts";

/** Makes a host that has booted and can run roles, without an engine. */
export async function bareHost(cloud: Cloud, name: string): Promise<void> {
    const droplet = { name, region: "fra1", size: "s-1vcpu-1gb", image: "debian-12-x64" };
    await apiOf(cloud)("POST", "/v2/droplets", droplet);
    await within(60, `${name} to be there`, () => succeeds(onHost(cloud, name, "true")));
    const programs = library.map(program);
    const blobs = Object.fromEntries(programs.map(({ sha256, base64 }) => [sha256, base64]));
    await onHost(
        cloud,
        name,
        installText("probe-install", name, ["curl", ...libraryPackages], programs),
        renderInput({ blobs }),
    );
}
