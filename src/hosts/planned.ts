import * as pulumi from "@pulumi/pulumi";
import { commandOnHost, DIAL_ERROR_LIMIT } from "./applyRole.ts";
import type { Host, Upgrade } from "./host.ts";
import { lastPlanned, notePlanned } from "./inventory.ts";
import { childName, word } from "./roleText.ts";

const PROGRAM = "/usr/local/lib/evenkeel/planned-work";

/**
 * Upgrades a host's packages once `after` is there. In all of the program one host is out of service at a time: several
 * components may share a host, and each other's services.
 */
export function upgradeHost(
    component: string,
    host: Host,
    { on, reboot = false }: Upgrade,
    after: pulumi.Resource[],
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const run = (kind: string, words: string[], dependsOn: pulumi.Resource[], reached: Host = host) =>
        commandOnHost(
            childName(component, host.name, kind),
            reached,
            { create: `# Of ${on}.\n${[PROGRAM, ...words].join(" ")}`, stdin: "" },
            pulumi.mergeOptions(opts, { dependsOn }),
        );
    const words = ["upgrade", word(host.name), ...(reboot ? ["reboot"] : [])];
    const upgraded = run("upgrade", words, [...after, ...lastPlanned()]);
    // It restarts after that command has ended.
    const back = reboot
        ? run("restart", ["resume", word(host.name)], [upgraded], { ...host, connection: booting(host) })
        : upgraded;
    notePlanned(back);
    return back;
}

/** A host that boots is waited for as long as one that is being created, also where hosts that are there are not. */
const booting = ({ connection }: Host) =>
    pulumi.output(connection).apply((known) => ({ dialErrorLimit: DIAL_ERROR_LIMIT.created, ...known }));
