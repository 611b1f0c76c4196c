import { computed, number, output, plan, replacing, string } from "../kit/fields.ts";
import { explained, present } from "../kit/http.ts";
import { type Props, text } from "../kit/values.ts";
import { api, unlessGone } from "./api.ts";
import { made, oneOf, region, shown, vultrResource } from "./shared.ts";

interface ReservedIp {
    id: string;
    region: string;
    ip_type: string;
    subnet: string;
    subnet_size: number;
    label: string;
    instance_id: string;
}

const fields = {
    // Computed: an address whose holder the program does not name stays where it is.
    instanceId: computed(string),
    ipType: replacing(string),
    label: { ...string, default: "" },
    region,
    subnet: output(string),
    subnetSize: output(number),
};

const path = (id: string): string => `/v2/reserved-ips/${id}`;

async function read(id: string): Promise<Props | undefined> {
    const found = unlessGone(
        "Invalid reserved-ip ID",
        api<{ reserved_ip: ReservedIp | null }>("GET", path(id)),
    );
    const ip = (await explained("error getting Reserved IPs", found))?.reserved_ip ?? undefined;
    return (
        ip &&
        shown(fields, {
            region: ip.region,
            ipType: ip.ip_type,
            subnet: ip.subnet,
            subnetSize: ip.subnet_size,
            label: ip.label,
            instanceId: ip.instance_id,
        })
    );
}

async function attach(id: string, instance: string): Promise<void> {
    await api("POST", `${path(id)}/attach`, { instance_id: instance });
}

export const reservedIp = vultrResource({
    fields,
    validate: (inputs) => oneOf(inputs, { ipType: ["v4", "v6"] }),
    async create(inputs) {
        const { region, ipType, label, instanceId } = inputs;
        const body = present({ region, ip_type: ipType, label, instance_id: instanceId });
        const request = api<{ reserved_ip: ReservedIp }>("POST", "/v2/reserved-ips", body);
        const { id } = (await explained("error creating reserved IP", request)).reserved_ip;
        const holder = text(instanceId);
        return made(id, plan(fields, inputs), async () => {
            const words = `error attaching reserved IP: ${id} ${holder} `;
            if (holder !== "") await explained(words, attach(id, holder));
            return read(id);
        });
    },
    read,
    async update(id, olds, news) {
        const planned = plan(fields, news, olds);
        const [before, after] = [text(olds.instanceId), text(planned.instanceId)];
        if (before !== after) {
            if (before !== "")
                await explained(`error detaching Reserved IP (${id})`, api("POST", `${path(id)}/detach`));
            if (after !== "") await explained(`error attaching Reserved IP (${id})`, attach(id, after));
        }
        const { label } = planned;
        if (label !== olds.label)
            await explained(`error updating reserved IP ${id} `, api("PATCH", path(id), { label }));
        return (await read(id)) ?? {};
    },
    // Its attachment goes with it.
    delete: async (id) => {
        await explained(`error destroying Reserved IP (${id})`, api("DELETE", path(id)));
    },
});
