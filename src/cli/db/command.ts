import { Command } from "commander";
import { type StackPlace, stackOutputs, withStackPlace } from "../stack.ts";
import { backup, list } from "./backups.ts";
import { type Cluster, clusterIn } from "./cluster.ts";
import { type RestoreOptions, restore } from "./restore.ts";
import { changeRole, type RoleChange } from "./roles.ts";
import { status } from "./status.ts";

type Place = StackPlace & { output: string; of?: string };

async function clusterOf(command: Command): Promise<Cluster> {
    const { output, of: backups, ...place } = command.optsWithGlobals<Place>();
    const cluster = clusterIn(await stackOutputs(place), output);
    return backups === undefined ? cluster : { ...cluster, backups };
}

/** The databases of a deployed stack: it goes to their hosts by SSH, as the stack's outputs tell how. */
export function dbCommand(): Command {
    const db = withStackPlace(new Command("db"))
        .description("Look after a stack's databases: everything it needs is in the stack's outputs.")
        .configureHelp({ showGlobalOptions: true })
        .option("--output <name>", "the output with { endpoint, hosts } of the cluster", "database")
        .option("--of <backups>", "which backups of the cluster, where it has several")
        .addHelpText("after", "\nExit codes: 0 fine, 1 an error, 2 (status alone) a member is not well.");

    db.command("status")
        .description("show every member, who takes the writes, and the last good backup")
        .option("--json", "for programs")
        .action(async (options: { json?: boolean }, command) => {
            process.exitCode = await status(await clusterOf(command), options);
        });
    db.command("backups")
        .description("list the backups that are whole")
        .option("--json", "for programs")
        .action(async (options: { json?: boolean }, command) => list(await clusterOf(command), options));
    db.command("backup")
        .description("make a backup now")
        .option("--on <host>", "the member that makes it (default: one that does not take the writes)")
        .action(async (options: { on?: string }, command) => backup(await clusterOf(command), options));
    db.command("restore [name]")
        .description("bring the whole cluster back to a backup (default: the newest)")
        .option("--until <time>", "replay what was written since, up to then (with binary logs)")
        .option("--confirm <cluster>", "the cluster's name: all of its rows are replaced")
        .option("--on <host>", "the host that begins (default: the first)")
        .option("--without <host...>", "hosts that are gone for good")
        .action(async (name: string | undefined, options: RestoreOptions, command) =>
            restore(await clusterOf(command), { ...options, ...(name === undefined ? {} : { name }) }),
        );
    const change = (usage: string, verb: RoleChange, description: string) =>
        db
            .command(usage)
            .description(description)
            .action(async (host: string | undefined, _options, command) =>
                changeRole(await clusterOf(command), verb, host),
            );
    change(
        "switchover [host]",
        "switchover",
        "have another member take the writes, as planned (replicated clusters)",
    );
    db.command("promote <host>")
        .description("have a replica take the writes though no majority answers (replicated clusters)")
        .option("--accept-loss", "of writes that only members hold who do not answer")
        .action(async (host: string, { acceptLoss }: { acceptLoss?: boolean }, command) =>
            changeRole(await clusterOf(command), "promote", host, acceptLoss ? ["--accept-loss"] : []),
        );
    change(
        "reseed <host>",
        "reseed",
        "have a replica copy everything anew from the primary (replicated clusters)",
    );
    return db;
}
