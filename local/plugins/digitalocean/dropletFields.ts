import { createHash } from "node:crypto";
import {
    boolean,
    computed,
    type Field,
    type Fields,
    number,
    output,
    replacing,
    string,
    stringSet,
} from "../kit/fields.ts";
import { text, type Value } from "../kit/values.ts";

const lower: Field = {
    ...string,
    recorded: (slug) => text(slug).toLowerCase(),
    same: (old, next) => old === text(next).toLowerCase(),
};

const sha1 = (value: Value): string => createHash("sha1").update(text(value)).digest("hex");

/** Tags are compared without regard to case. */
export const tagSet: Field = {
    type: "set",
    of: { ...string, same: (a, b) => text(a).toLowerCase() === text(b).toLowerCase() },
};

export const slug = lower;

export const dropletFields: Fields = {
    backupPolicy: { type: "object", fields: { hour: number, plan: string, weekday: string } },
    backups: { ...boolean, default: false },
    createdAt: output(string),
    disk: output(number),
    dropletAgent: replacing(boolean),
    dropletUrn: output(string),
    gracefulShutdown: { ...boolean, default: false },
    image: replacing(string),
    ipv4Address: output(string),
    ipv4AddressPrivate: output(string),
    ipv6: { ...boolean, default: false, replace: (old, next) => old === true && next === false },
    ipv6Address: computed(string),
    locked: output(boolean),
    memory: output(number),
    monitoring: { ...replacing(boolean), default: false },
    name: { ...string, autoname: true },
    priceHourly: output(number),
    priceMonthly: output(number),
    privateNetworking: computed(boolean),
    publicNetworking: computed(replacing(boolean)),
    region: computed(replacing(lower)),
    resizeDisk: { ...boolean, default: true },
    size: lower,
    sshKeys: replacing(stringSet),
    status: output(string),
    tags: tagSet,
    // Only a hash is recorded.
    userData: {
        ...replacing(string),
        recorded: sha1,
        same: (old, next) => old === next || old === sha1(next),
    },
    vcpus: output(number),
    volumeIds: computed(stringSet),
    vpcUuid: computed(replacing(string)),
};
