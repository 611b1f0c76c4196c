import { bridged } from "../kit/bridged.ts";
import { number, replacing, string } from "../kit/fields.ts";
import { explained } from "../kit/http.ts";
import { text } from "../kit/values.ts";
import { assign, getReservedIp, unassign } from "./actions.ts";

let made = 0;

/** Terraform's unique ids: the time to a tenth of a millisecond, and a count. */
function uniqueId(prefix: string): string {
    const time = new Date().toISOString().replace(/[-:T.Z]/g, "");
    made++;
    return `${prefix}${time}0${made.toString(16).padStart(8, "0")}`;
}

export const reservedIpAssignment = bridged({
    fields: { dropletId: replacing(number), ipAddress: replacing(string) },
    async create(inputs, call) {
        const [ip, droplet] = [text(inputs.ipAddress), Number(inputs.dropletId)];
        await assign(call, ip, droplet);
        await explained("Error retrieving reserved IP", getReservedIp(ip));
        return { id: uniqueId(`${droplet}-${ip}-`), outputs: { dropletId: droplet, ipAddress: ip } };
    },
    async read(_id, olds) {
        const { droplet } = await explained(
            "Error retrieving reserved IP",
            getReservedIp(text(olds.ipAddress)),
        );
        return droplet?.id === olds.dropletId ? olds : undefined;
    },
    async delete(_id, olds, call) {
        const ip = text(olds.ipAddress);
        const { droplet } = await explained("Error retrieving reserved IP", getReservedIp(ip));
        // Another assignment may have moved it on.
        if (droplet?.id !== olds.dropletId) return;
        await explained(`Error unassigning reserved IP (${ip}) from the droplet`, unassign(call, ip));
    },
});
