import { isIP, isIPv4 } from "node:net";
import { type Check, hidden, number, someOf, text, wrongKind } from "./shape.ts";
import { type Problem, quoted } from "./validation.ts";

const NAME = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;

/** What every host's /etc/hosts, or its resolver, has already. */
const TAKEN_HOST_NAME =
    /^(localhost|localdomain|broadcasthost|ip6-(localhost|loopback|localnet|mcastprefix|all.+))$/;

/** What a host's name can be: everything on its hosts goes by it, files, units, certificates and /etc/hosts. */
export const MOST_LETTERS = { component: 40, host: 63 };

/**
 * The one check of names that become parts of files, units, hosts, accounts or lines of configuration; role.bash makes the
 * same one on the host.
 */
export function nameProblems(kind: keyof typeof MOST_LETTERS, at: string, name: unknown): Problem[] {
    if (typeof name !== "string")
        return wrongKind(
            at,
            name,
            `a plain text by which ${kind === "host" ? "other hosts" : "hosts"} know it`,
        );
    const most = MOST_LETTERS[kind];
    if (!NAME.test(name) || name.length > most) {
        const hint = `use lower-case letters, digits and hyphens, a letter first, ${most} at most`;
        return [{ propertyPath: at, reason: `${quoted(name)} cannot be a ${kind}'s name: ${hint}` }];
    }
    if (kind === "host" && TAKEN_HOST_NAME.test(name))
        return [
            { propertyPath: at, reason: `${quoted(name)} is what every host calls itself: use another name` },
        ];
    return [];
}

export const hostName: Check = (at, value) => nameProblems("host", at, value);
export const componentName: Check = (at, value) => nameProblems("component", at, value);

/** Addresses by which no other host reaches one: of nobody, of the host itself, of a link (a cloud's metadata, VRRP's), of many. */
const isNobodys = (address: string) => /^((0|127|22[4-9]|2[3-5]\d)\.|169\.254\.)/.test(address);

export const hostAddress = text(
    "an address of a host",
    (address) => isIPv4(address) && !isNobodys(address),
    "give the IPv4 address by which the other hosts reach it",
);

/** An address, or a range of them, of either version. */
export function isNetwork(source: string): boolean {
    const [address = "", bits, ...more] = source.split("/");
    const version = isIP(address);
    if (version === 0 || more.length > 0) return false;
    return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

export const networks = someOf(
    "addresses and ranges of them",
    text("an address or a range", isNetwork, "write it as 192.0.2.0/24"),
);

export const port = number("a port", { from: 1, to: 65535 });

/** A port that a component listens on, or that something other than SSH answers. */
export const servicePort: Check = (at, value) =>
    value === 22
        ? [{ propertyPath: at, reason: "22 is the port of SSH: take another one" }]
        : port(at, value);

const SEGMENT = String.raw`(?!\.{1,2}(/|$))[\w.~@+-]+`;

/** Path of a request as web servers compare it: as it is, not encoded, and without empty or relative parts. */
export const healthPath = text(
    "a path that hosts can answer",
    (path) => path.length <= 200 && new RegExp(`^/$|^(/${SEGMENT})+/?$`).test(path),
    "start it with /, and use letters, digits and . _ - ~ @ + between slashes",
);

/** Path of requests as applications read it: decoded, and without empty or relative parts. */
export const requestPath = text(
    "a path of requests",
    (path) => path.length <= 200 && new RegExp(`^/$|^(/${SEGMENT})+/?$`).test(path),
    "start it with /, and use letters, digits and . _ - ~ @ + between slashes",
);

/** Beginning of the path of a request, as it is sent. */
export const pathPrefix = text(
    "a beginning of URL paths",
    (path) => path.length <= 200 && /^\/[\w\-.~%/+@:]*$/.test(path),
    "start it with / and use no spaces",
);

/** What Debian, its daemons or the kernel have for themselves. */
const SYSTEM_FOLDER =
    /^\/((bin|boot|dev|etc|lib(32|64|x32)?|proc|root|run|sbin|sys|tmp)(\/|$)|(home|usr|var)$)/;

/** A folder of a host, for what a component keeps or serves. */
export const hostFolder = text(
    "a folder that a host has room for such things in",
    (path) => path.length <= 200 && /^(\/[\w-][\w.-]*)+$/.test(path) && !SYSTEM_FOLDER.test(path),
    "write it as /srv/shop, below none of the system's own folders",
);

/** A word of a cloud's API, such as a region or a size. */
export const slug = (what: string, example: string): Check =>
    text(what, /^[A-Za-z0-9][\w.-]{0,63}$/, `write it as "${example}"`);

export const id = text("an id", /^[\w:.-]{1,100}$/, "use it as the cloud gave it");

/** One word that is sent as it is, such as an API token. */
export const credential = (what: string): Check => hidden(what, /^[\x21-\x7e]+$/);

export const certificate = hidden("a certificate in PEM form", /-----BEGIN CERTIFICATE-----/);
