import { onHost } from "../hosts/programs.ts";
import { common, file, type Step, state } from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import { watchFolder } from "./keepalived.ts";

/** Whatever the engine: what a host reaches, and what that makes of its points. */
export function watchSteps(name: string, conf: string, capabilities: string[]): Step[] {
    const unit = "evenkeel-watch@.service";
    return [
        file({ path: `/etc/evenkeel/balancers/${name}/watch.conf`, text: conf }),
        common(file({ path: `/etc/systemd/system/${unit}`, text: onHost(`balancer/${unit}`) })),
        daemon(`evenkeel-watch@${name}`, "restart", { sandbox: { writes: [], capabilities } }),
        state(watchFolder(name)),
    ];
}
