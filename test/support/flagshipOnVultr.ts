import { join } from "node:path";
import { execa } from "execa";
import type { Cloud } from "../../local/clouds/clouds.ts";
import { names } from "../../local/network/namespaces.ts";
import { LOCAL_ASN } from "../../local/network/router.ts";
import { caller } from "../../tools/cloudApi.ts";
import { within } from "../../tools/waiting.ts";
import { testStack } from "./engine.ts";
import {
    cloudDown,
    editFile,
    type Flagship,
    flagshipOptions,
    onHost,
    succeeded,
    testCloud,
} from "./flagship.ts";

interface Instance {
    id: string;
    label: string;
    power_status: string;
    main_ip: string;
}

interface ReservedIp {
    subnet: string;
    instance_id: string;
}

/** The flagship as it is on Vultr; `power` as a failure of hosts/ has it. */
export interface FlagshipOnVultr extends Flagship {
    /** All that the account has. */
    instances(): Promise<Instance[]>;
    /** Pulls a host's plug, or has it boot. */
    power(host: string, state: "halt" | "start"): Promise<void>;
}

/**
 * Deployed on a cloud of its own: of the program's text nothing but the cloud's name is another one, and where the pair announces
 * its address, how.
 */
export async function deployFlagshipOnVultr(name: string, isAnnounced = false): Promise<FlagshipOnVultr> {
    const cloud = await testCloud(name);
    const options = flagshipOptions(cloud);
    const stack = await testStack({
        ...options,
        config: { ...options.config, region: "fra" },
        // The project asks for a token whatever its program does with it.
        secrets: { failoverToken: cloud.vultrKey, bgpPassword: cloud.bgpPassword },
    });
    const program = join(stack.folder, "index.ts");
    editFile(program, 'cloud: "digitalocean"', 'cloud: "vultr"');
    if (isAnnounced)
        editFile(program, TOKEN, `bgp: { asn: ${LOCAL_ASN}, password: config.requireSecret("bgpPassword") }`);
    succeeded(await stack.up());
    const { url, address } = (await stack.outputs()) as { url: string; address: string };
    const { api, instances } = accountOf(cloud);
    return {
        cloud,
        stack,
        url,
        address,
        api,
        instances,
        on: (host, command) => onHost(cloud, host, command),
        async holder() {
            if (isAnnounced) return routedTo(cloud, address, await instances());
            const { reserved_ips } = (await api("GET", "/v2/reserved-ips")) as { reserved_ips: ReservedIp[] };
            const holder = reserved_ips.find(({ subnet }) => subnet === address)?.instance_id;
            return (await instances()).find(({ id }) => id === holder)?.label;
        },
        async power(host, state) {
            const named = async () => (await instances()).find(({ label }) => label === host)!;
            const { id } = await named();
            await api("POST", `/v2/instances/${id}/${state}`);
            const wanted = state === "halt" ? "stopped" : "running";
            const isDone = async () => (await named()).power_status === wanted;
            await within(60, `${host} to be ${wanted}`, isDone, 250);
        },
        edit: (from, to) => editFile(program, from, to),
        async remove() {
            await cloudDown(cloud.name);
            stack.remove();
        },
    };
}

const TOKEN = 'failoverToken: config.requireSecret("failoverToken")';

/** Where the cloud's router sends what is for an address. */
async function routedTo({ name }: Cloud, address: string, instances: Instance[]) {
    const words = ["-n", names.switch(name), "-4", "-json", "route", "get", address];
    const { stdout, failed } = await execa("ip", words, { reject: false });
    const [route] = failed ? [] : (JSON.parse(stdout) as { gateway?: string }[]);
    return instances.find(({ main_ip }) => main_ip === route?.gateway)?.label;
}

function accountOf({ vultrUrl, vultrKey }: Cloud) {
    const api = caller(vultrUrl, vultrKey);
    return {
        api,
        instances: async () =>
            ((await api("GET", "/v2/instances?per_page=500")) as { instances: Instance[] }).instances,
    };
}
