/** A path or a name as part of a pattern, in quotes or not: of what they may hold . and + mean more there. */
export const literally = (text: string) => text.replace(/[.+]/g, "[$&]");
