import type { Cloud, CloudName } from "./cloud.ts";
import { digitalocean } from "./digitalocean.ts";
import { vultr } from "./vultr.ts";

/** The adaptor of a cloud; its SDK is loaded when it is first used. */
export function cloudOf(name: CloudName): Cloud {
    switch (name) {
        case "digitalocean":
            return digitalocean;
        case "vultr":
            return vultr;
        default: {
            const unknown: never = name;
            throw new Error(`unknown cloud: ${unknown}`);
        }
    }
}
