import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AUTHORITY_FILE } from "../authority/file.ts";
import { machineMirrors } from "../cache/mirrors.ts";
import { cloudDirectory, cloudsDirectory } from "../directories.ts";
import { withLock } from "../lock.ts";
import { addressesInUse, addressesOf } from "../network/inUse.ts";
import { freeSlice, overlaps, SLICE_COUNT, slice } from "../network/slices.ts";
import { Unable } from "../system/packages.ts";

/** What a local cloud is, as kept in its directory. */
export interface Cloud {
    name: string;
    /** The number of its slice of the documentation ranges. */
    slice: number;
    /** DigitalOcean's API. */
    apiUrl: string;
    /** May do everything. */
    token: string;
    /** For the hosts: may only look up droplets and move reserved IPs. */
    failoverToken: string;
    /** Vultr's API. */
    vultrUrl: string;
    /** May do everything, as each key there may. */
    vultrKey: string;
    /** With which its router takes a host's announcements. */
    bgpPassword: string;
    /** Answers by HTTPS, in place of the providers themselves. */
    proxyUrl: string;
    image: string;
    pid?: number;
}

/** The cloud that is meant where none is named. */
export const defaultCloud = () => process.env.EVENKEEL_CLOUD || "local";

export function checkName(name: string): string {
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) {
        throw new Unable(`"${name}" is no name for a cloud: use up to 31 small letters, digits and hyphens.`);
    }
    return name;
}

export function readCloud(name: string): Cloud | undefined {
    const file = join(cloudDirectory(name), "cloud.json");
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

export function writeCloud(cloud: Cloud): void {
    const directory = cloudDirectory(cloud.name);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const file = join(directory, "cloud.json");
    writeFileSync(`${file}.next`, `${JSON.stringify(cloud, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.next`, file);
}

export function listClouds(): Cloud[] {
    const directory = cloudsDirectory();
    const names = existsSync(directory) ? readdirSync(directory) : [];
    return names.flatMap((name) => readCloud(name) ?? []);
}

/** The cloud of that name as it is, or a new one with a slice that no other cloud has. */
export function claimCloud(name: string, image: string): Promise<Cloud> {
    return withLock("clouds", "another cloud to be claimed", async () => {
        const existing: Partial<Cloud> | undefined = readCloud(name);
        if (existing && existing.bgpPassword === undefined) throw new Unable(tooOld(name));
        if (existing) return existing as Cloud;
        const others = listClouds();
        const taken = others.map((cloud) => cloud.slice);
        const free = freeSlice(taken, await addressesInUse(mirrorUrls()));
        if (!free) throw new Unable(noSlice(others.map((cloud) => cloud.name)));
        const cloud: Cloud = {
            name,
            slice: free.index,
            apiUrl: `http://${slice(free.index).gateway}:8080`,
            token: newToken(),
            failoverToken: newToken(),
            vultrUrl: `http://${slice(free.index).gateway}:8082`,
            vultrKey: newKey(),
            bgpPassword: randomBytes(12).toString("hex"),
            proxyUrl: `http://${slice(free.index).gateway}:8083`,
            image,
        };
        writeCloud(cloud);
        return cloud;
    });
}

/** What it is and what its API kept is in another form by now. */
const tooOld = (name: string) =>
    `The cloud "${name}" is of an earlier version. Take it down first: npm run local -- down --name ${name}`;

/** A run that was killed leaves its clouds, whose names its user may not know. */
export function noSlice(others: string[]): string {
    if (others.length === 0)
        return `All ${SLICE_COUNT} slices of the documentation ranges are in use by networks of this machine.`;
    return `All ${SLICE_COUNT} slices are taken, by ${others.join(", ")}: end one with "npm run local -- down --name ${others[0]}".`;
}

/** By which programs find the APIs. */
export const apiVariables = ({ apiUrl, token, vultrUrl, vultrKey }: Cloud) => ({
    DIGITALOCEAN_API_URL: apiUrl,
    DIGITALOCEAN_TOKEN: token,
    VULTR_API_URL: vultrUrl,
    VULTR_API_KEY: vultrKey,
});

/**
 * For programs that have no setting for the API's address, as Vultr's official provider, or that insist on HTTPS. In
 * capitals only: the engine's own connections to its plugins would take a proxy in small letters.
 */
export const proxyVariables = ({ name, proxyUrl }: Cloud) => ({
    HTTPS_PROXY: proxyUrl,
    NO_PROXY: "127.0.0.1,localhost",
    SSL_CERT_FILE: join(cloudDirectory(name), AUTHORITY_FILE),
    // Python's clients look here.
    REQUESTS_CA_BUNDLE: join(cloudDirectory(name), AUTHORITY_FILE),
});

/** As the providers' own look. */
const newToken = () => `dop_v1_${randomBytes(32).toString("hex")}`;

const KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const newKey = () => Array.from(randomBytes(36), (byte) => KEY_LETTERS[byte % KEY_LETTERS.length]).join("");

const mirrorUrls = () => machineMirrors().map(({ uri }) => uri);

/** An address outside the machine that this cloud hides from it, when networks have changed since it was made. */
export async function hiddenAddress(cloud: Cloud): Promise<string | undefined> {
    const { cidr } = slice(cloud.slice);
    return (await addressesOf(mirrorUrls())).find((address) => overlaps(address, cidr));
}
