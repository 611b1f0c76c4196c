import * as pulumi from "@pulumi/pulumi";
import { applyRole, commandOnHost } from "../hosts/applyRole.ts";
import type { ReadyHost } from "../hosts/hosts.ts";
import { childName, content, reports, roleName, type Step, text } from "../hosts/roleText.ts";
import { contentCommand } from "./command.ts";
import type { Content, ShownText } from "./content.ts";
import { sendTo } from "./sent.ts";

/** Programs that a host needs for it. */
export const contentPrograms = [
    "content/content",
    "content/content_places.py",
    "content/content_receive.py",
    "content/content_releases.py",
    "content/content_steps.py",
    "content/content_store.py",
];

/** Hosts that get the same files. */
export interface Batch {
    /** What they are called among the component's hosts, if they are not all of them. */
    group: string | undefined;
    hosts: ReadyHost[];
    files: Content;
}

/** Files that have arrived: what changed is not swapped yet. */
export interface Placed {
    /** On all hosts. */
    arrived: pulumi.Resource[];
    /** Has a host swap what changed, once these are there, too; by the text of `command` if there is one. */
    publish(host: ReadyHost, after: pulumi.Resource[], command?: string): pulumi.Resource;
    /** Has a host remove what there is no more, once these are there. */
    tidy(host: ReadyHost, after: pulumi.Resource[]): void;
    /** Another command of a host that is told which files it is about. */
    step(kind: string, host: ReadyHost, after: pulumi.Resource[], command: string): pulumi.Resource;
}

/**
 * Brings a component's files to its hosts, such that a visitor whose requests go to different hosts never gets a page
 * without what it refers to: new ones on all hosts, then each host swaps what changed, then what is gone goes.
 */
export function placeContent(
    component: string,
    batches: Batch[],
    opts: pulumi.CustomResourceOptions,
): Placed {
    const role = roleName(component, "content");
    const sent = sendTo(component, role, batches, opts);
    const arrived = batches.flatMap(({ group, hosts, files }) =>
        hosts.map(({ born, installed }) => {
            const steps = pulumi
                .all([files.root, files.shown, files.size])
                .apply(([root, texts, size]) => [
                    ...contentSteps(root, texts, size),
                    ...(files.release ? [releaseReport(role, born.name, group)] : []),
                ]);
            const values = { manifest: sent.ids.get(born.name)! };
            const content = { component, kind: "content", steps, values };
            return applyRole(born, content, pulumi.mergeOptions(opts, { dependsOn: installed }));
        }),
    );
    sent.arrived(arrived);
    const step: Placed["step"] = (kind, { born }, dependsOn, create) => {
        const { files } = batches.find(({ hosts }) => hosts.some((each) => each.born === born))!;
        return commandOnHost(
            childName(component, born.name, kind),
            born,
            { create, stdin: pulumi.interpolate`${files.id}\n` },
            pulumi.mergeOptions(opts, { dependsOn }),
        );
    };
    const command = (verb: string, { born }: ReadyHost) => contentCommand(verb, role, born.name);
    return {
        arrived,
        publish: (host, after, text = command("publish", host)) =>
            step("publish", host, [...arrived, ...after], text),
        tidy(host, after) {
            step("tidy", host, after, command("tidy", host));
        },
        step,
    };
}

const releaseReport = (role: string, host: string, group: string | undefined) =>
    reports(group === undefined ? "release" : `release of ${group}`, contentCommand("release", role, host));

export const contentSteps = (documentRoot: string, texts: ShownText[], size: string | undefined): Step[] => [
    ...texts.map((each) => text(each.path, each.text)),
    content(documentRoot, size && `${size} beside these, by their checksums`),
];
