import type { Provider } from "../kit/resource.ts";
import { localCommand } from "./localCommand.ts";
import { remoteCommand } from "./remoteCommand.ts";

/** Stands in for pulumi-command. */
export const command: Omit<Provider, "version"> = {
    resources: {
        "command:remote:Command": remoteCommand,
        "command:local:Command": localCommand,
    },
};
