import type { Cloud, CloudName } from "./cloud.ts";
import { digitalocean } from "./digitalocean.ts";

/** The adaptor of a cloud; its SDK is loaded when it is first used. */
export function cloudOf(name: CloudName): Cloud {
    switch (name) {
        case "digitalocean":
            return digitalocean;
        default: {
            const unknown: never = name;
            throw new Error(`unknown cloud: ${unknown}`);
        }
    }
}
