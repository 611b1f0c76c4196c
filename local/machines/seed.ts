import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostSpec } from "./types.ts";

/** The files of cloud-init's NoCloud source, which is how a host gets its identity at its first boot. */
export function seedFiles(
    spec: Pick<HostSpec, "id" | "instanceId" | "name" | "userData" | "publicKeys">,
): Record<string, string> {
    const metaData = {
        "instance-id": spec.instanceId ?? `${spec.id}`,
        "local-hostname": spec.name,
        "public-keys": spec.publicKeys.map((key) => key.trim()),
    };
    return {
        // JSON is YAML, and quotes everything.
        "meta-data": `${JSON.stringify(metaData, null, 2)}\n`,
        "user-data": spec.userData ?? "#cloud-config\n{}\n",
    };
}

export function writeSeed(directory: string, spec: HostSpec): void {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const [name, text] of Object.entries(seedFiles(spec))) {
        writeFileSync(join(directory, name), text, { mode: 0o600 });
    }
}
