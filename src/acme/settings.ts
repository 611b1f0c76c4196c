import { cloudOf } from "../clouds/cloudOf.ts";
import { type Acme, AcmeChallenge, type DnsProvider } from "./args.ts";

/** Certificates by ACME as the texts have them: without a secret, and without what is known late. */
export interface AcmeSettings {
    /** The pair's name. */
    name: string;
    /** The shared address, and the port on which the certificates are served; `{{value NAME}}` is filled in on the host. */
    address: string;
    port: number;
    /** The address that a host has while it is VRRP's master. */
    mark: string;
    directoryUrl: string;
    email: string;
    challenge: AcmeChallenge;
    /** Each certificate's names. */
    certificates: string[][];
    /** Whether the directory's authority is given. */
    hasAuthority: boolean;
    dns?: { provider: DnsProvider; apiUrl: string; wait: number };
}

const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

type Place = Pick<AcmeSettings, "name" | "address" | "port" | "mark">;

export function acmeSettings(acme: Acme, place: Place): AcmeSettings {
    const { certificates, email, dns } = acme;
    return {
        ...place,
        directoryUrl: acme.directoryUrl ?? LETS_ENCRYPT,
        email,
        challenge: acme.challenge ?? AcmeChallenge.Http01,
        certificates: certificates.map(({ names }) => names),
        hasAuthority: acme.caCertificate !== undefined,
        ...(dns ? { dns: dnsSettings(dns.provider) } : {}),
    };
}

function dnsSettings(provider: DnsProvider) {
    const cloud = cloudOf(provider);
    return { provider, apiUrl: cloud.apiUrl(), wait: cloud.dns.wait };
}

/** What a certificate goes by, in paths and names of resources and values. */
export const certificateId = ([name = ""]: string[]) => name.replace("*", "_");

const folder = (name: string) => `/etc/evenkeel/balancers/${name}`;
export const settingsFile = (name: string) => `${folder(name)}/acme.json`;
export const keyFile = (name: string, id: string) => `${folder(name)}/acme/${id}.key`;
export const authorityFile = (name: string) => `${folder(name)}/acme/directory.pem`;
export const dnsHeaderFile = (name: string) => `${folder(name)}/acme/dns.header`;
/** What the program itself writes: each certificate with its chain and its key in one file, as HAProxy reads them. */
export const stateFolder = (name: string) => `/var/lib/evenkeel/acme/${name}`;

/** The lines of a crt-list. */
export const acmeBundles = ({ name, certificates }: Pick<AcmeSettings, "name" | "certificates">): string[] =>
    certificates.map((names) => `${stateFolder(name)}/${certificateId(names)}.pem`);
