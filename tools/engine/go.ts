import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { isAtLeast, versionIn } from "./versions.ts";

/** Where Go's own installer puts it, in case PATH does not say so. */
const USUAL_PLACE = "/usr/local/go/bin/go";

/** A Go that can build the module in a folder; the error says which is missing and where it can be had. */
export async function goFor(moduleFolder: string): Promise<string> {
    const needed = neededGo(readFileSync(join(moduleFolder, "go.mod"), "utf8"));
    const found: string[] = [];
    for (const go of ["go", USUAL_PLACE]) {
        const version = await goVersion(go);
        if (version && isAtLeast(version, needed)) return go;
        if (version) found.push(`${version} (${go})`);
    }
    throw new Error(missingGo(needed, found));
}

export function neededGo(goMod: string): string {
    const version = /^go (\S+)/m.exec(goMod)?.[1];
    if (!version) throw new Error("go.mod has no go line");
    return version;
}

export function missingGo(needed: string, found: string[]): string {
    return [
        `There is no Pulumi here, its downloads are out of reach, and building it needs Go ${needed} or newer.`,
        found.length > 0 ? `Found: Go ${found.join(", ")}.` : "No Go was found.",
        "Install Go from https://go.dev/dl/ (into /usr/local/go, or anywhere on PATH),",
        "or Pulumi itself from https://www.pulumi.com/docs/install/, and run this again.",
    ].join("\n");
}

async function goVersion(go: string): Promise<string | undefined> {
    const answer = await execa(go, ["version"], { env: goEnvironment, reject: false });
    return answer.exitCode === 0 ? versionIn(answer.stdout) : undefined;
}

/** Pinned modules and this Go only: no other toolchain, no workspace around the checkout, no C compiler. */
export const goEnvironment = {
    GOTOOLCHAIN: "local",
    GOFLAGS: "-mod=readonly -buildvcs=false",
    GOWORK: "off",
    CGO_ENABLED: "0",
};
