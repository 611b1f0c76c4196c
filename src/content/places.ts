import * as pulumi from "@pulumi/pulumi";
import { applyRole, commandOnHost } from "../hosts/applyRole.ts";
import { inTurn, type ReadyHost } from "../hosts/hosts.ts";
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

export interface Placed {
    /** By host name: its files are what they should be. */
    published: Map<string, pulumi.Resource>;
    /** Removes what there is no more, once these are there. */
    tidy(after: pulumi.Resource[]): void;
}

/**
 * Brings a component's files to its hosts, such that a visitor whose requests go to different hosts never gets a page
 * without what it refers to: new ones on all hosts, then each host swaps what changed, then what is gone goes.
 */
export function placeContent(
    component: string,
    hosts: ReadyHost[],
    files: Content,
    opts: pulumi.CustomResourceOptions,
): Placed {
    const role = roleName(component, "content");
    const sent = sendTo(component, role, hosts, files, opts);
    const arrived = hosts.map(({ born, installed }, i) =>
        applyRole(
            born,
            {
                component,
                kind: "content",
                steps: pulumi
                    .all([files.root, files.shown, files.size])
                    .apply(([root, texts, size]) => [
                        ...contentSteps(root, texts, size),
                        ...(files.release
                            ? [reports("release", contentCommand("release", role, born.name))]
                            : []),
                    ]),
                values: { manifest: sent.ids[i]! },
            },
            pulumi.mergeOptions(opts, { dependsOn: installed }),
        ),
    );
    sent.arrived(arrived);
    const step = (verb: string, { born }: ReadyHost, dependsOn: pulumi.Resource[]) =>
        commandOnHost(
            childName(component, born.name, verb),
            born,
            {
                create: contentCommand(verb, role, born.name),
                stdin: pulumi.interpolate`${files.id}\n`,
            },
            pulumi.mergeOptions(opts, { dependsOn }),
        );
    const published = inTurn(hosts, (host, before) => step("publish", host, [...arrived, ...before]));
    return {
        published: new Map(hosts.map(({ born }, i) => [born.name, published[i]!])),
        tidy(after) {
            for (const host of hosts) step("tidy", host, [...published, ...after]);
        },
    };
}

export const contentSteps = (documentRoot: string, texts: ShownText[], size: string | undefined): Step[] => [
    ...texts.map((each) => text(each.path, each.text)),
    content(documentRoot, size && `${size} beside these, by their checksums`),
];
