import { readFileSync } from "node:fs";
import { within } from "../../tools/waiting.ts";
import { type DatabaseStack, writeTo } from "./databases.ts";

/** A time in which a member took writes all along, in seconds since the epoch. */
interface Stretch {
    member: string;
    from: number;
    to: number;
}

export interface WritableWatch {
    /** Ends it. Gives the pairs of members that took writes at the same time, in words; none is right. */
    stop(): Promise<string[]>;
}

let watches = 0;

/** Tries on each member itself, 50 times a second, whether it takes writes. */
export async function watchWritable(db: DatabaseStack, members: string[]): Promise<WritableWatch> {
    const unit = `writable-${watches++}`;
    const log = `/root/${unit}.log`;
    await onPrimary(
        db,
        members,
        "CREATE DATABASE IF NOT EXISTS watched; CREATE TABLE IF NOT EXISTS watched.probe (n INT)",
    );
    const program = readFileSync(new URL("writable.py", import.meta.url), "utf8");
    for (const member of members) {
        await writeTo(db.cloud, member, "/root/writable.py", program);
        await db.on(member, `systemd-run -q --unit ${unit} python3 /root/writable.py ${log}`);
    }
    return {
        async stop() {
            const each = await Promise.all(
                members.map(async (member) => {
                    await db.on(member, `touch ${log}.stop`);
                    await within(10, `the watch on ${member} to end`, async () => {
                        return (await db.on(member, `systemctl is-active ${unit} || true`)) !== "active";
                    });
                    return stretches(member, await db.on(member, `cat ${log}`));
                }),
            );
            await onPrimary(db, members, "DROP DATABASE watched");
            if (each.every((found) => found.length === 0)) throw new Error("no member ever took writes");
            return overlaps(each.flat());
        },
    };
}

/** As root; whoever it is, it is one. */
async function onPrimary(db: DatabaseStack, members: string[], statements: string): Promise<void> {
    const isPrimary = `[ "$(mariadb -N -e 'SELECT @@read_only')" = 0 ]`;
    for (const member of members) await db.on(member, `if ${isPrimary}; then mariadb -e '${statements}'; fi`);
}

/** Between two answers that say yes one after the other it was so all along. */
function stretches(member: string, log: string): Stretch[] {
    const found: Stretch[] = [];
    let open: Stretch | undefined;
    for (const line of log.split("\n").filter(Boolean)) {
        const [before, after, answer] = line.split(" ");
        if (answer === "yes" && open) open.to = Number(before);
        else if (answer === "yes") {
            open = { member, from: Number(after), to: Number(after) };
            found.push(open);
        } else open = undefined;
    }
    return found;
}

function overlaps(all: Stretch[]): string[] {
    return all.flatMap((one, i) =>
        all
            .slice(i + 1)
            .filter((other) => other.member !== one.member && other.from <= one.to && one.from <= other.to)
            .map((other) => `${one.member} and ${other.member} at ${Math.max(one.from, other.from)}`),
    );
}
