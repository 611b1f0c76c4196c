import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { Cloud } from "../../local/clouds/clouds.ts";
import { backendDirectory } from "../localCloud.ts";
import { checkout } from "../paths.ts";
import { configFile } from "../stackConfig.ts";
import type { Deployment } from "./deploy.ts";

/** Shows the preview of another greeting, with a copy of the stack's configuration: however this ends, that stays. */
export async function previewGreeting(stack: Deployment, cloud: Cloud): Promise<void> {
    console.log(
        '  npm run pulumi -- config set greeting "Good evening"\n  npm run pulumi -- preview --diff\n',
    );
    const copy = join(backendDirectory(cloud), "preview.yaml");
    copyFileSync(configFile(checkout, stack.name), copy);
    await stack.run("config", "set", "greeting", "Good evening", "--config-file", copy);
    await stack.run("preview", "--diff", "--config-file", copy);
}
