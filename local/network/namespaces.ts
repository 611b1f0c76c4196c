import { execa } from "execa";

/**
 * A cloud has one namespace of its own: the switch, with a bridge per network and the router of the hosts. A host
 * has two: its own, and the port between it and the switch, where the cloud filters out of the host's reach.
 * Nothing routes out of the switch but a link to the machine, so no packet of a host can leave the machine.
 */
export const names = {
    switch: (cloud: string) => `evenkeel.${cloud}`,
    host: (cloud: string, id: number) => `evenkeel.${cloud}.${id}`,
    port: (cloud: string, id: number) => `evenkeel.${cloud}.${id}.port`,
    /** In the machine's own namespace; interface names are short, so it goes by the slice. */
    machineLink: (sliceIndex: number) => `evenkeel${sliceIndex}`,
    /** In the switch: the far ends of a host's cables. */
    publicCable: (id: number) => `pub${id}`,
    privateCable: (id: number) => `pri${id}`,
    vpcBridge: (networkId: string) => `vpc-${networkId.replaceAll(/[^0-9a-z]/gi, "").slice(0, 10)}`,
};

export async function addNamespace(name: string): Promise<void> {
    await execa("ip", ["netns", "add", name]);
}

/** Removing what is gone already is no error. */
export async function deleteNamespace(name: string): Promise<void> {
    await absentIsFine(execa("ip", ["netns", "delete", name]));
}

export async function listNamespaces(cloud: string): Promise<string[]> {
    const { stdout } = await execa("ip", ["netns", "list"]);
    const all = stdout.split("\n").map((line) => line.split(" ")[0] ?? "");
    return all.filter((name) => name === names.switch(cloud) || name.startsWith(`${names.switch(cloud)}.`));
}

/** Several `ip` commands in one process; undefined is the machine's own namespace. */
export async function ip(namespace: string | undefined, commands: string[]): Promise<void> {
    const where = namespace === undefined ? [] : ["-n", namespace];
    await execa("ip", [...where, "-batch", "-"], { input: `${commands.join("\n")}\n` });
}

/** Applies a ruleset text in one transaction. */
export async function nft(namespace: string, ruleset: string): Promise<void> {
    await inside(namespace, ["nft", "-f", "-"], ruleset);
}

export async function sysctl(namespace: string, settings: Record<string, string | number>): Promise<void> {
    const pairs = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    await inside(namespace, ["sysctl", "-q", "-w", ...pairs]);
}

async function inside(namespace: string, command: string[], input = ""): Promise<void> {
    await execa("nsenter", [`--net=/run/netns/${namespace}`, ...command], { input });
}

async function absentIsFine(run: Promise<unknown>): Promise<void> {
    try {
        await run;
    } catch (error) {
        if (!/No such (file|device)|Cannot find device|does not exist/.test(String(error))) throw error;
    }
}

export async function deleteLink(namespace: string | undefined, link: string): Promise<void> {
    const where = namespace === undefined ? [] : ["-n", namespace];
    await absentIsFine(execa("ip", [...where, "link", "delete", link]));
}
