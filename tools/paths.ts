import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** The checkout that these tools belong to. */
export const checkout = dirname(import.meta.dirname);

/** What can be made again: the engine, plugins, package caches. */
export const cacheDirectory = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "evenkeel");

/** What must be kept: local clouds and the stacks deployed to them. */
export const stateDirectory = join(
    process.env.XDG_STATE_HOME || join(homedir(), ".local", "state"),
    "evenkeel",
);
