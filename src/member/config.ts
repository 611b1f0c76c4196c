/** Filled in on the host: whether it is one of those that the cluster began with, which no preview knows of a new host. */
export const FOUNDER = "{{value founder}}";

/** Where each member is reached, filled in on the host. */
export const addressesOf = (members: string[]): Record<string, string> =>
    Object.fromEntries(members.map((member) => [member, `{{address ${member}}}`]));

/** What a member's programs are told, as JSON. */
export const memberJson = (config: object): string =>
    `${JSON.stringify(config, null, 2)}\n`.replace(`"${FOUNDER}"`, FOUNDER);
