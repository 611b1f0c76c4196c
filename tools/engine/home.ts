import { join } from "node:path";
import { cacheDirectory } from "../../local/directories.ts";
import { PULUMI_VERSION } from "./versions.ts";

/** PULUMI_HOME of everything that runs from this checkout: the user's own ~/.pulumi is left alone. */
export const pulumiHome = join(cacheDirectory(), "pulumi");

/** Where the npm package `pulumi` looks for and puts a CLI; language hosts are found beside it. */
export const binDirectory = join(pulumiHome, "versions", PULUMI_VERSION, "bin");
