import * as pulumi from "@pulumi/pulumi";

/** Filled in on the host: whether it is one of those that the cluster began with, which no preview knows of a new host. */
export const FOUNDER = "{{value founder}}";

/** What the role of every member is given; HAProxy reads certificate and key from one file. */
export interface MemberValues {
    ca: pulumi.Input<string>;
    cert: pulumi.Input<string>;
    key: pulumi.Input<string>;
    founder: pulumi.Input<string>;
}

export const memberValues = (values: MemberValues) => ({
    ...values,
    identity: pulumi.interpolate`${values.cert}${values.key}`,
});

/** Where each member is reached, filled in on the host. */
export const addressesOf = (members: string[]): Record<string, string> =>
    Object.fromEntries(members.map((member) => [member, `{{address ${member}}}`]));

/** What a member's programs are told, as JSON. */
export const memberJson = (config: object): string =>
    `${JSON.stringify(config, null, 2)}\n`.replace(`"${FOUNDER}"`, FOUNDER);
