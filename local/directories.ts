import { homedir } from "node:os";
import { join } from "node:path";

export const cacheDirectory = () => join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "evenkeel");

const stateHome = () => process.env.XDG_STATE_HOME || join(homedir(), ".local", "state");

/** One directory per cloud. */
export const cloudsDirectory = () => join(stateHome(), "evenkeel", "clouds");
export const cloudDirectory = (name: string) => join(cloudsDirectory(), name);
