import { Command } from "commander";
import {
    apiVariables,
    type Cloud,
    checkName,
    defaultCloud,
    hiddenAddress,
    listClouds,
    proxyVariables,
    readCloud,
} from "./clouds/clouds.ts";
import { down, purge, up } from "./clouds/lifecycle.ts";
import { openConsole } from "./commands/console.ts";
import { failCommand } from "./commands/fail.ts";
import { findHost } from "./commands/hosts.ts";
import { hiddenWarning, status } from "./commands/status.ts";
import { asFullDisk } from "./system/fullDisk.ts";
import { Unable } from "./system/packages.ts";

const program = new Command("npm run local --")
    .description("A local cloud: Debian hosts on this machine, behind the APIs of clouds.")
    .option(
        "--name <name>",
        "the cloud, one of several side by side (EVENKEEL_CLOUD names another default)",
        defaultCloud(),
    )
    .showHelpAfterError("(--help tells what there is)");

const nameOf = (command: Command) => checkName(command.optsWithGlobals<{ name: string }>().name);

function cloudOf(command: Command): Cloud {
    const name = nameOf(command);
    const cloud = readCloud(name);
    if (cloud) return cloud;
    const others = listClouds().map((each) => each.name);
    const up = others.length > 0 ? ` (up: ${others.join(", ")}; --name chooses one)` : "";
    throw new Unable(`The cloud "${name}" is not up: ${again(name, "up")}${up}`);
}

const again = (name: string, command: string) =>
    `npm run local -- ${command}${name === defaultCloud() ? "" : ` --name ${name}`}`;

program
    .command("up")
    .description("bring the cloud up: packages, host image, network, API; what is up already stays as it is")
    .action(async (_options, command) => {
        const name = nameOf(command);
        const { cloud, wasUp } = await up(name);
        const hidden = await hiddenAddress(cloud);
        if (hidden !== undefined) console.error(hiddenWarning(hidden));
        console.log(
            `The cloud "${name}" is ${wasUp ? "already up" : "up"}: ${cloud.apiUrl} (Vultr: ${cloud.vultrUrl})`,
        );
        console.log(`Point programs at it:  eval "$(npm run --silent ${again(name, "env").slice(8)})"`);
        console.log(`See its hosts:         ${again(name, "status")}`);
        console.log(`Remove it again:       ${again(name, "down")}`);
    });

program
    .command("status")
    .description("show the hosts and the APIs")
    .action(async (_options, command) => console.log(await status(cloudOf(command))));

program
    .command("env")
    .description("print what programs need in their environment, for eval")
    .option("--proxy", "what programs need that take no other address than the provider's own, by HTTPS")
    .action((options: { proxy?: boolean }, command) => {
        const cloud = cloudOf(command);
        const proxy = options.proxy ? proxyVariables(cloud) : {};
        const variables = Object.entries({ ...apiVariables(cloud), ...proxy });
        console.log(variables.map(([name, value]) => `export ${name}=${value}`).join("\n"));
    });

program
    .command("ssh <host> [command...]")
    .description("open root's shell on a host, by name or id, or run a command there (after --)")
    .addHelpText(
        "after",
        "\nThis is the host's console, as the clouds' web sites have one: the local cloud holds no SSH key of\n" +
            "yours, so it goes through the container engine and works without network, sshd or keys.",
    )
    .action(async (wanted: string, words: string[], _options, command) => {
        const cloud = cloudOf(command);
        process.exitCode = await openConsole(cloud.name, findHost(cloud, wanted).id, words);
    });

program.addCommand(failCommand(cloudOf));

program
    .command("down")
    .description(
        "remove the cloud: hosts, networks, API and state; the host image and the package cache stay",
    )
    .option("--purge", "remove the image and the package cache as well")
    .action(async (options: { purge?: boolean }, command) => {
        const name = nameOf(command);
        const removed = await down(name);
        console.log(removed ? `The cloud "${name}" is gone.` : `There is no cloud "${name}".`);
        if (!options.purge) return;
        const users = await purge();
        if (users.length > 0)
            throw new Unable(`The image and the cache stay: in use by ${users.join(", ")}.`);
        console.log("The host image and the package cache are gone.");
    });

program.parseAsync().catch((failure: unknown) => {
    const error = asFullDisk(failure);
    console.error(error instanceof Unable ? error.message : error);
    process.exitCode = 1;
});
