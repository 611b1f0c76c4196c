import { MEMBERS, type ReplicatedStack } from "./replicated.ts";

export const replicasOf = (primary: string) => MEMBERS.filter((member) => member !== primary);

/** The members behind a name, as programs of a host find them. */
export async function membersOf(db: ReplicatedStack, client: string, name: string): Promise<string[]> {
    const known = (await db.on(client, `getent hosts ${MEMBERS.join(" ")}`))
        .split("\n")
        .map((line) => line.split(/\s+/) as [string, string]);
    const found = await db.on(client, `getent ahostsv4 ${name} | awk '/STREAM/ { print $1 }'`);
    return found
        .split("\n")
        .filter(Boolean)
        .map((address) => new Map(known).get(address) ?? address)
        .sort();
}
