import { Command } from "commander";
import type { Cloud } from "../clouds/clouds.ts";
import { containerName, killContainer } from "../machines/container.ts";
import { podman } from "../machines/podman.ts";
import { type Cut, cutHost } from "../network/cuts.ts";
import { unplugHost } from "../network/hostNetwork.ts";
import { Unable } from "../system/packages.ts";
import { failApiCommand } from "./failApi.ts";
import { findHost } from "./hosts.ts";

type CloudOf = (command: Command) => Cloud;

/** Faults on demand. */
export function failCommand(cloudOf: CloudOf): Command {
    const fail = new Command("fail").description("make something fail, or heal it");
    const onHost = (
        name: string,
        description: string,
        work: (cloud: string, id: number) => Promise<unknown>,
    ) =>
        fail
            .command(`${name} <host>`)
            .description(description)
            .action(async (wanted, _options, command) => {
                const cloud = cloudOf(command);
                await work(cloud.name, findHost(cloud, wanted).id);
            });

    onHost("kill", "pull the plug of a host; power it on again through the API", async (cloud, id) => {
        await unplugHost(cloud, id);
        await killContainer(cloud, id);
    });
    const cut = (way: Cut | undefined) => (cloud: string, id: number) => cutHost(cloud, id, way);
    onHost("cut", "cut a host off both ways, as when its cables are out; it runs on", cut("both"));
    onHost("cut-in", "nothing reaches the host any more, but it is still heard", cut("in"));
    onHost("cut-out", "the host is not heard any more, but still reached", cut("out"));
    onHost("heal", "undo the cuts of a host", cut(undefined));

    const withProcess = (name: string, description: string, signal: string, whole: string) =>
        fail
            .command(`${name} <host> [process]`)
            .description(description)
            .action(async (wanted, process: string | undefined, _options, command) => {
                const cloud = cloudOf(command);
                const container = containerName(cloud.name, findHost(cloud, wanted).id);
                if (process === undefined) return void (await podman(whole, container));
                await podman("exec", container, "pkill", `--signal=${signal}`, "--exact", process).catch(
                    () => {
                        throw new Unable(`No process called "${process}" runs on ${wanted}.`);
                    },
                );
            });
    withProcess(
        "freeze",
        "stop a process by its name, or the whole host, without ending it",
        "STOP",
        "pause",
    );
    withProcess("thaw", "let a frozen process, or the whole host, go on", "CONT", "unpause");

    fail.addCommand(failApiCommand(cloudOf));
    return fail;
}
