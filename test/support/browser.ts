import { existsSync } from "node:fs";
import { execa } from "execa";
import { type Browser, chromium } from "playwright-core";

const PROGRAM = "/usr/bin/chromium";

/** Debian's Chromium, for which the name is at the address. */
export async function browserFor(name: string, address: string): Promise<Browser> {
    if (!existsSync(PROGRAM))
        await execa("apt-get", ["-q", "-y", "--no-install-recommends", "install", "chromium"], {
            env: { DEBIAN_FRONTEND: "noninteractive" },
        });
    return chromium.launch({
        executablePath: PROGRAM,
        // Its sandbox does not work for root.
        args: ["--no-sandbox", `--host-resolver-rules=MAP ${name} ${address},MAP * ~NOTFOUND`],
    });
}
