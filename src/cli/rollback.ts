import { Command } from "commander";
import { contentCommand } from "../content/command.ts";
import { nameProblems } from "../hosts/names.ts";
import { roleName } from "../hosts/roleText.ts";
import { run, Unreachable } from "./ssh.ts";
import { plainStackState, type StackPlace, type State, withStackPlace } from "./stack.ts";
import { type DeployedHost, deployedHosts } from "./status/deployed.ts";
import { Unable } from "./unable.ts";

/** What a host has, the release that was published first at the beginning. */
export interface HostReleases {
    host: string;
    current: string | null;
    releases: string[];
}

/** The release to go to: the one before the one that all hosts serve, unless it is named. Of a pool of groups more may be said. */
export function targetOf(pool: string, hosts: HostReleases[], wanted?: string, groups: Group[] = []): string {
    const target = wanted ?? formerOf(pool, hosts, groups);
    const lacking = hosts.filter(({ releases }) => !releases.includes(target));
    if (lacking.length === 0) return target;
    const told = lacking.map(
        ({ host, releases }) => `${host} has ${releases.join(", ") || "none"}, and not ${target}`,
    );
    throw new Unable(`${told.join("\n")}\nNothing was changed.`);
}

function formerOf(pool: string, hosts: HostReleases[], groups: Group[]): string {
    const [first, ...others] = hosts;
    const differs = others.find(({ current }) => current !== first!.current);
    if (differs) {
        const names = groups.map(({ name }) => name);
        const more = names.length > 0 ? `, or of which group, with --group (${names.join(", ")})` : "";
        throw new Unable(
            `Hosts of ${pool} serve different releases, ${first!.host} ${first!.current} and ${differs.host} ${differs.current}: say which it is to be, with --to${more}.`,
        );
    }
    const { current, releases } = first!;
    const former = current === null ? undefined : releases[releases.indexOf(current) - 1];
    if (former === undefined)
        throw new Unable(`${pool} has no release before ${current}: its hosts have ${releases.join(", ")}.`);
    return former;
}

/** Hosts of a pool that have a release together. */
export interface Group {
    name: string;
    hosts: string[];
}

/** The groups of a pool, as the last deployment has them. */
export function groupsOf({ deployment }: State, pool: string): Group[] {
    const found = deployment.resources?.find(
        ({ type, urn, delete: isLeaving }) =>
            type === "evenkeel:index:WebPool" && urn.endsWith(`::${pool}`) && !isLeaving,
    );
    return (found?.inputs?.groups as Group[] | undefined) ?? [];
}

interface Options extends StackPlace {
    to?: string;
    group?: string;
}

export function rollbackCommand(): Command {
    return withStackPlace(new Command("rollback"))
        .description("Serve a former release of a pool, on one host after the other.")
        .argument("<pool>", "the WebPool's name")
        .option("--to <release>", "which one (default: the one before the one that is served)")
        .option("--group <name>", "the hosts of this group alone (default: all of the pool's)")
        .addHelpText(
            "after",
            "\nThe next `pulumi up` with another release goes on from there; one of the same program changes nothing." +
                "\nExit codes: 0 all hosts serve it, 1 an error, 2 a host does not answer and goes on with what it has.",
        )
        .action(async (pool: string, { to, group, ...place }: Options) => {
            process.exitCode = await rollback(place, pool, to, group);
        });
}

async function rollback(place: StackPlace, pool: string, to?: string, group?: string): Promise<number> {
    const state = await plainStackState(place);
    const groups = groupsOf(state, pool);
    const hosts = hostsOfGroup(pool, hostsOf(deployedHosts(state), pool), groups, group);
    const asked = await Promise.all(hosts.map((host) => releasesOf(host, pool)));
    const silent = asked.filter((each) => "silence" in each);
    const there = asked.filter((each) => "releases" in each);
    if (there.length === 0) throw new Unable(silent.map(({ silence }) => silence).join("\n"));
    const target = targetOf(pool, there, to, group === undefined ? groups : []);
    for (const { host } of there) await switchTo(hosts.find(({ name }) => name === host)!, pool, target);
    for (const { silence } of silent) console.error(silence);
    const again = `npx evenkeel rollback ${pool} --to ${target}${group === undefined ? "" : ` --group ${group}`}`;
    if (silent.length > 0) console.error(`When they are back: ${again}`);
    return silent.length > 0 ? 2 : 0;
}

function hostsOf(all: DeployedHost[], pool: string): DeployedHost[] {
    const role = roleName(pool, "content");
    const hosts = all.filter(({ roles }) => role in roles);
    if (nameProblems("component", "pool", pool).length > 0 || hosts.length === 0)
        throw new Unable(`The stack has no pool "${pool}" with files.`);
    return hosts;
}

/** In the order in which the group has them. */
export function hostsOfGroup<Named extends { name: string }>(
    pool: string,
    hosts: Named[],
    groups: Group[],
    wanted: string | undefined,
): Named[] {
    if (wanted === undefined) return hosts;
    const group = groups.find(({ name }) => name === wanted);
    const names = groups.map(({ name }) => name).join(", ");
    if (!group)
        throw new Unable(
            `${pool} has no group "${wanted}": ${names ? `there are ${names}` : "it has none"}.`,
        );
    return group.hosts.flatMap((name) => hosts.filter((host) => host.name === name));
}

type Asked = HostReleases | { silence: string };

async function releasesOf(host: DeployedHost, pool: string): Promise<Asked> {
    try {
        const { exitCode, stdout, stderr } = await run(host, command(host, pool, "releases"), {
            seconds: 30,
        });
        if (exitCode !== 0) throw new Unable(`${host.name}: ${stderr.trim().split("\n").at(-1)}`);
        const told = JSON.parse(stdout) as Omit<HostReleases, "host">;
        if (told.releases.length === 0)
            throw new Unable(
                `${pool} has no releases on ${host.name}: give it a \`release\` in the program.`,
            );
        return { host: host.name, ...told };
    } catch (error) {
        if (error instanceof Unreachable) return { silence: error.message };
        throw error;
    }
}

async function switchTo(host: DeployedHost, pool: string, release: string): Promise<void> {
    const { exitCode, stdout, stderr } = await run(host, `${command(host, pool, "rollback")} ${release}`);
    if (exitCode !== 0) throw new Unable(`${stderr.trim()}\nThe hosts after ${host.name} were left alone.`);
    console.log(stdout.trim());
}

const command = (host: DeployedHost, pool: string, verb: string) =>
    contentCommand(verb, roleName(pool, "content"), host.name);
