import * as pulumi from "@pulumi/pulumi";
import { reached } from "../hosts/applyRole.ts";
import { inWords } from "../hosts/hostError.ts";
import type { Born } from "../hosts/hosts.ts";
import { machineOf } from "../hosts/inventory.ts";
import { Memory } from "../hosts/memory.ts";
import { onceReady } from "../hosts/onceReady.ts";
import { bytes, told, toldRelease } from "./changes.ts";
import type { Content } from "./content.ts";
import { deliver } from "./deliver.ts";
import { checksum } from "./manifest.ts";
import type { Batch } from "./places.ts";

/** What hosts were sent. */
interface Files {
    /** The list of files (changes.ts). */
    files: string;
    /** What the release was called. */
    release?: string;
}

/** From one deployment to the next; where there are groups, each has files of its own. */
interface Remembered extends Files {
    groups?: Record<string, Files>;
    /** Which manifest each host has. */
    hosts: Record<string, string>;
}

export interface Sent {
    /** The manifest's checksum, by the host's name: once it is there, so is what the host lacked. */
    ids: Map<string, pulumi.Output<string>>;
    /** Tells of the roles that put it in place. */
    arrived(roles: pulumi.Resource[]): void;
}

/**
 * Sends each host what it lacks: bytes go from this process, so neither a text nor the stack's state holds any. A host that
 * had the same manifest in the last deployment is not asked; one to which another was on its way when that failed, is.
 */
export function sendTo(
    component: string,
    role: string,
    batches: Batch[],
    opts: pulumi.ComponentResourceOptions,
): Sent {
    let roles: pulumi.Resource[] = [];
    const each = batches.flatMap(({ hosts, files }) =>
        hosts.map(({ born, installed }) => ({ born, installed, files, mark: markOf(files.id, born) })),
    );
    const byHost = pulumi
        .all(each.map(({ mark }) => mark))
        .apply((marks) => Object.fromEntries(each.map(({ born }, i) => [born.name, marks[i]!])));
    const begun = new Memory<Remembered>(
        "evenkeel:index:Files",
        `${component}-files-begun`,
        () => ({ hosts: byHost }),
        opts,
    );
    const whenDone = () => {
        const there = pulumi.all(roles.map(({ urn }) => urn));
        return { ...filesOf(batches), hosts: pulumi.all([byHost, there]).apply(([hosts]) => hosts) };
    };
    const done = new Memory<Remembered>("evenkeel:index:Files", `${component}-files`, whenDone, opts);
    tellChanges(component, done.former, batches, opts);
    const ids = each.map(({ born, installed, files, mark }): [string, pulumi.Output<string>] => {
        const isNews = pulumi
            .all([begun.former, done.former, mark])
            .apply(([one, other, id]) => [one, other].some((former) => former.hosts?.[born.name] !== id));
        const sent = send(role, born, installed, files, isNews, opts);
        return [born.name, pulumi.all([files.id, sent]).apply(([id]) => id)];
    });
    return {
        ids: new Map(ids),
        arrived(arriving) {
            roles = arriving;
        },
    };
}

function filesOf(batches: Batch[]): pulumi.Inputs {
    const named = batches.map(({ group, files: { recorded, release } }) => ({
        group,
        files: { files: recorded, ...(release ? { release } : {}) },
    }));
    const [only] = named;
    if (only?.group === undefined) return only?.files ?? {};
    return { groups: Object.fromEntries(named.map(({ group, files }) => [group, files])) };
}

/** Such as "web: files: 1 added, …", in previews too; of several groups that have the same news, once. */
function tellChanges(
    component: string,
    former: pulumi.Output<Partial<Remembered>>,
    batches: Batch[],
    { parent }: pulumi.ComponentResourceOptions,
): void {
    const news = batches.map(({ group, files: { recorded, release } }) =>
        pulumi.all([former, recorded, release]).apply(([remembered, after, id]) => {
            const before = group === undefined ? remembered : formerOf(remembered, group);
            const words = [toldRelease(before.release, id), told(before.files, after)];
            return words.filter((each) => each !== undefined).join(": ");
        }),
    );
    pulumi.all(news).apply((each) => {
        for (const words of new Set(each.filter((one) => one !== ""))) {
            const groups = batches.flatMap(({ group }, i) => (group && each[i] === words ? [group] : []));
            const of =
                groups.length === 0 ? "" : `, group${groups.length > 1 ? "s" : ""} ${groups.join(", ")}`;
            if (pulumi.runtime.getEngine()) pulumi.log.info(`${component}${of}: ${words}`, parent);
        }
    });
}

/** Until there were groups, or that one, all hosts had the same. */
const formerOf = ({ groups = {}, ...all }: Partial<Remembered>, group: string): Partial<Files> =>
    groups[group] ?? all;

function send(
    role: string,
    host: Born,
    installed: pulumi.Resource,
    files: Content,
    isNews: pulumi.Output<boolean>,
    { parent }: pulumi.ComponentResourceOptions,
): pulumi.Output<boolean> {
    // In a preview nothing is sent, and there is nothing to wait for. Pulumi's mocks for tests have no engine, and no hosts.
    if (pulumi.runtime.isDryRun() || !pulumi.runtime.getEngine()) return pulumi.output(false);
    const ready = onceReady(reached(host), installed);
    const sent = pulumi.all([files.delivery, ready, isNews]).apply(async ([delivery, to, news]) => {
        const { dialErrorLimit, perDialTimeout, ...where } = to;
        const onProgress = (sent: number, of: number) =>
            pulumi.log.info(`${host.name}: ${bytes(sent)} of ${bytes(of)}`, parent, undefined, true);
        const options = { retries: dialErrorLimit, dialSeconds: perDialTimeout, onProgress };
        if (news)
            await deliver({ name: host.name, connection: where }, role, delivery, options).catch(inWords);
        return news;
    });
    // What was sent may be secret; that it was is not.
    return pulumi.unsecret(sent);
}

/** Which manifest is on which machine; one made anew may have the former one's name, address and key. */
const markOf = (id: pulumi.Output<string>, { name, connection }: Born): pulumi.Output<string> =>
    pulumi
        // Neither an address nor a public key is a secret; a manifest's checksum may be one.
        .all([id, pulumi.unsecret(pulumi.output(connection)), machineOf(name)?.id])
        .apply(([manifest, { host, port = 22, hostKey }, machine]) =>
            checksum(`${manifest} ${host} ${port} ${hostKey} ${machine ?? ""}`),
        );
