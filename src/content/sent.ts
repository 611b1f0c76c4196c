import * as pulumi from "@pulumi/pulumi";
import { reached } from "../hosts/applyRole.ts";
import { inWords } from "../hosts/hostError.ts";
import type { Born, ReadyHost } from "../hosts/hosts.ts";
import { machineOf } from "../hosts/inventory.ts";
import { Memory } from "../hosts/memory.ts";
import { onceReady } from "../hosts/onceReady.ts";
import { bytes, told, toldRelease } from "./changes.ts";
import type { Content } from "./content.ts";
import { deliver } from "./deliver.ts";
import { checksum } from "./manifest.ts";

/** From one deployment to the next. */
interface Remembered {
    /** The list of files (changes.ts). */
    files: string;
    /** Which manifest each host has. */
    hosts: Record<string, string>;
    /** What the release was called. */
    release?: string;
}

export interface Sent {
    /** The manifest's checksum, for each host: once it is there, so is what the host lacked. */
    ids: pulumi.Output<string>[];
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
    hosts: ReadyHost[],
    files: Content,
    opts: pulumi.ComponentResourceOptions,
): Sent {
    let roles: pulumi.Resource[] = [];
    const marks = hosts.map(({ born }) => markOf(files.id, born));
    const byHost = pulumi
        .all(marks)
        .apply((each) => Object.fromEntries(hosts.map(({ born }, i) => [born.name, each[i]!])));
    const begun = new Memory<Remembered>(
        "evenkeel:index:Files",
        `${component}-files-begun`,
        () => ({ hosts: byHost }),
        opts,
    );
    const whenDone = () => {
        const there = pulumi.all(roles.map(({ urn }) => urn));
        const release = files.release ? { release: files.release } : {};
        return {
            files: files.recorded,
            hosts: pulumi.all([byHost, there]).apply(([each]) => each),
            ...release,
        };
    };
    const done = new Memory<Remembered>("evenkeel:index:Files", `${component}-files`, whenDone, opts);
    tellChanges(component, done.former, files, opts);
    const sent = hosts.map(({ born, installed }, i) => {
        const isNews = pulumi
            .all([begun.former, done.former, marks[i]!])
            .apply(([one, other, mark]) => [one, other].some((each) => each.hosts?.[born.name] !== mark));
        return send(role, born, installed, files, isNews, opts);
    });
    return {
        ids: sent.map((each) => pulumi.all([files.id, each]).apply(([id]) => id)),
        arrived(arriving) {
            roles = arriving;
        },
    };
}

/** Such as "web: files: 1 added, …", in previews too. */
function tellChanges(
    component: string,
    former: pulumi.Output<Partial<Remembered>>,
    { recorded, release }: Content,
    { parent }: pulumi.ComponentResourceOptions,
): void {
    pulumi.all([former, recorded, release]).apply(([before, after, id]) => {
        const news = [toldRelease(before.release, id), told(before.files, after)];
        const words = news.filter((each) => each !== undefined).join(": ");
        if (words !== "" && pulumi.runtime.getEngine()) pulumi.log.info(`${component}: ${words}`, parent);
    });
}

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
