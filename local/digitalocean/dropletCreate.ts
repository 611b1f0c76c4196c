import { reason } from "../api/background.ts";
import { type Body, boolean, list, requiredString, string, strings } from "../api/input.ts";
import { freePublicAddress } from "../api/leases.ts";
import { lowestFree, parseRange, type Range } from "../network/addresses.ts";
import { finish, startDropletAction } from "./actions.ts";
import { findImage, findRegion, findSize } from "./catalog.ts";
import type { Context } from "./context.ts";
import { unprocessable } from "./errors.ts";
import { findKey } from "./keys.ts";
import { place } from "./projects.ts";
import { timestamp } from "./state.ts";
import { checkTagName, ensureTag } from "./tags.ts";
import type { Action, Droplet, Vpc } from "./types.ts";
import { defaultVpc } from "./vpcs.ts";

const anchors = parseRange("10.19.0.0/16")!;

type Wanted = Pick<Droplet, "region" | "size" | "image" | "features" | "publicKeys" | "userData"> & {
    names: string[];
    tags: string[];
    vpc: Vpc | undefined;
};

export async function createDroplets(
    context: Context,
    body: Body,
): Promise<{ droplet: Droplet; action: Action }[]> {
    const wanted = readDroplet(context, body);
    const { state, limits } = context;
    const vpc = wanted.vpc ?? (await defaultVpc(context, wanted.region));
    // From here to the end nothing waits, so two requests cannot be given one address.
    if (state.droplets.length + wanted.names.length > limits.droplets) {
        throw unprocessable("creating this/these droplet(s) will exceed your droplet limit");
    }
    const tags = wanted.tags.map((tag) => ensureTag(context, tag));
    return wanted.names.map((name) => {
        const droplet = addDroplet(context, wanted, name, [...new Set(tags)].sort(), vpc);
        return {
            droplet,
            action: startDropletAction(context, droplet, "create", () => boot(context, droplet)),
        };
    });
}

function readDroplet(context: Context, body: Body): Wanted {
    const names = body.names ? strings(body, "names") : [requiredString(body, "name")];
    if (names.length === 0 || names.length > 10) throw unprocessable("names must have 1 to 10 names");
    for (const name of names) checkDropletName(name);
    const region = findRegion(requiredString(body, "region"));
    if (!region) throw unprocessable("Region is not available");
    const size = findSize(requiredString(body, "size"));
    if (!size) throw unprocessable("You specified an invalid size for Droplet creation.");
    const image = findImage(body.image);
    if (!image) throw unprocessable("You specified an invalid image for Droplet creation.");
    const tags = strings(body, "tags");
    for (const tag of tags) checkTagName(tag);
    const userData = string(body, "user_data") || null;
    if (userData && Buffer.byteLength(userData) > 65536)
        throw unprocessable("User data may not exceed 64 KiB");
    if (boolean(body, "public_networking") === false || list(body, "volumes").length > 0) {
        throw unprocessable("Droplets without public networking and volumes are not in the local cloud");
    }
    const vpcId = string(body, "vpc_uuid");
    const vpc = context.state.vpcs.find((candidate) => candidate.id === vpcId);
    if (vpcId && (!vpc || vpc.region !== region.slug)) throw unprocessable("VPC is not found in this region");
    return {
        names,
        region: region.slug,
        size: size.slug,
        image: image.slug,
        features: readFeatures(context, body),
        publicKeys: readKeys(context, body),
        userData,
        tags,
        vpc,
    };
}

export function checkDropletName(name: string): void {
    if (name.length > 255 || !/^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/.test(name)) {
        throw unprocessable("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)");
    }
}

function readKeys(context: Context, body: Body): string[] {
    const asked = list(body, "ssh_keys");
    const unknown = asked.filter((key) => !findKey(context, key));
    if (unknown.length > 0) {
        throw unprocessable(`${unknown.join(", ")} are invalid key identifiers for Droplet creation.`);
    }
    return asked.map((key) => findKey(context, key)!.publicKey.trim());
}

/** The official provider takes options from here, and replaces a droplet that lacks what was asked for. */
function readFeatures({ log }: Context, body: Body): string[] {
    const features = ["backups", "ipv6", "monitoring"].filter((option) => boolean(body, option));
    if (boolean(body, "with_droplet_agent")) features.push("droplet_agent");
    if (features.includes("ipv6")) log("IPv6 was asked for: hosts of the local cloud have IPv4 only");
    return [...features, "private_networking"].sort();
}

function addDroplet(context: Context, wanted: Wanted, name: string, tags: string[], vpc: Vpc): Droplet {
    const { state, store } = context;
    const range = parseRange(vpc.ipRange)!;
    const free = ({ first, last }: Range, kind: "anchorAddress" | "privateAddress") => {
        const others = state.droplets.filter((other) => kind !== "privateAddress" || other.vpcId === vpc.id);
        return lowestFree(
            first + 2,
            last - 1,
            others.map((other) => other[kind]),
        );
    };
    const addresses = [
        freePublicAddress(context),
        free(anchors, "anchorAddress"),
        free(range, "privateAddress"),
    ];
    const [publicAddress, anchorAddress, privateAddress] = addresses;
    if (!publicAddress || !anchorAddress || !privateAddress) {
        throw unprocessable("No address is left for a droplet");
    }
    const { names: _, vpc: __, ...settings } = wanted;
    const droplet: Droplet = {
        ...settings,
        id: store.nextId(),
        name,
        tags,
        disk: findSize(wanted.size)!.disk,
        status: "new",
        locked: true,
        createdAt: timestamp(),
        vpcId: vpc.id,
        publicAddress,
        anchorAddress,
        privateAddress,
    };
    state.droplets.push(droplet);
    place(context, `do:droplet:${droplet.id}`);
    return droplet;
}

async function boot(context: Context, droplet: Droplet): Promise<void> {
    const { state, slice, gateway, machines } = context;
    const vpc = state.vpcs.find((candidate) => candidate.id === droplet.vpcId)!;
    const { memory, vcpus } = findSize(droplet.size)!;
    try {
        await machines.createHost({
            id: droplet.id,
            name: droplet.name,
            memoryMb: memory,
            vcpus,
            publicAddress: droplet.publicAddress,
            publicPrefix: slice.hostPrefix,
            gateway,
            anchorAddress: droplet.anchorAddress,
            anchorPrefix: anchors.prefix,
            privateAddress: droplet.privateAddress,
            privatePrefix: parseRange(vpc.ipRange)!.prefix,
            networkId: vpc.id,
            userData: droplet.userData ?? undefined,
            publicKeys: droplet.publicKeys,
        });
        droplet.status = "active";
        // Its addresses may open other hosts' firewalls too.
        await context.filters.apply();
    } catch (error) {
        // "off" ends a client's wait for "active" at once; "new" would keep it waiting.
        droplet.status = "off";
        throw error;
    } finally {
        droplet.locked = false;
    }
}

/** A create that the API's end cut short is done again from the start. */
export function resumeCreates(context: Context): void {
    for (const droplet of context.state.droplets.filter(({ status }) => status === "new")) {
        const former = context.state.actions.find(
            (action) => action.type === "create" && action.resourceId === droplet.id,
        );
        if (former) finish(former, "errored");
        startDropletAction(context, droplet, "create", async () => {
            await context.machines.destroyHost(droplet.id).catch((error) => context.log(reason(error)));
            await boot(context, droplet);
        });
    }
}
