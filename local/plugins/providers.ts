import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Provider } from "./kit/resource.ts";

type Load = () => Promise<Provider>;

/** The stand-in plugins; each loads only what it needs, since the engine waits for the start. */
export const providers: Record<string, Load> = {
    command: async () => withVersion("command", (await import("./command/provider.ts")).command),
    random: async () => withVersion("random", (await import("./random/provider.ts")).random),
    tls: async () => withVersion("tls", (await import("./tls/provider.ts")).tls),
    digitalocean: async () =>
        withVersion("digitalocean", (await import("./digitalocean/provider.ts")).digitalocean),
    vultr: async () => withVersion("vultr", (await import("./vultr/provider.ts")).vultr),
};

/** Where an SDK is not one of Pulumi's own. */
const sdks: Record<string, string> = { vultr: "@ediri/vultr" };

function withVersion(name: string, provider: Omit<Provider, "version">): Provider {
    return { version: sdkVersion(name), ...provider };
}

/** The engine asks for the plugin of exactly the SDK's version. */
export function sdkVersion(name: string): string {
    const sdk = sdks[name] ?? `@pulumi/${name}`;
    const path = fileURLToPath(new URL(`../../node_modules/${sdk}/package.json`, import.meta.url));
    const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
    return version.replace(/^v/, "");
}
