import { hasOfficialPlugin } from "../local/plugins/install.ts";
import { pulumiHome } from "../tools/engine/home.ts";

/** What the plugins add to an `up`, which is no merit or fault of the library's. */
export interface OfficialWaits {
    /** Whether stand-ins wait as long as the official plugins before they look at what they made. */
    officialWaits: boolean;
}

export const waitsEnvironment = ({ officialWaits }: OfficialWaits): Record<string, string> =>
    officialWaits ? { EVENKEEL_OFFICIAL_WAITS: "1" } : {};

/** Figures with the waits stand beside those without. */
export const headingWith = (heading: string, { officialWaits }: OfficialWaits) =>
    officialWaits ? `${heading}, with the official plugins' waits` : heading;

/** Whose waits the figures contain. */
export async function pluginsNote({ officialWaits }: OfficialWaits): Promise<string> {
    if (await hasOfficialPlugin(pulumiHome, "digitalocean"))
        return "The plugins are the official ones: each host waits 10 s before a first look at it.";
    return officialWaits
        ? "The plugins are the local cloud's stand-ins with the official ones' waits: each host waits 10 s before a first look at it, and an address 13 s."
        : "The plugins are the local cloud's stand-ins, without the official ones' waits: those look at a new host after 10 s for the first time, and at an address after 13 s.";
}
