import { word } from "../hosts/roleText.ts";

/** What a host runs for a role's files (onhost/content). */
export const contentCommand = (verb: string, role: string, host: string): string =>
    `/usr/local/lib/evenkeel/content ${verb} ${word(role)} ${word(host)}`;
