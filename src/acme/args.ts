import type * as pulumi from "@pulumi/pulumi";
import { CloudName } from "../clouds/cloud.ts";

/**
 * Certificates that the balancers get by ACME (RFC 8555), and renew by themselves when a third of their life is left. One of the
 * balancers asks, both have them, and no connection ends for a new one.
 */
export interface Acme {
    /** The certificates, each for names of its own. */
    certificates: AcmeCertificate[];
    /** Whom the authority may write to. Giving it agrees to the authority's terms of service. */
    email: string;
    /** URL of the authority's directory, in HTTPS. @default "https://acme-v02.api.letsencrypt.org/directory" */
    directoryUrl?: string;
    /**
     * How the authority finds out that the names are this pair's. "http-01": it asks each of them on port 80, which the pair answers
     * whichever balancer has the address. "dns-01": it looks for a TXT record, which the balancers write through `dns`.
     * @default "http-01"
     */
    challenge?: AcmeChallenge;
    /** Where the zones of the names are; needed for "dns-01". */
    dns?: AcmeDns;
    /** Authorities to trust as the directory's, in PEM form, such as a private one. @default those that Debian trusts */
    caCertificate?: pulumi.Input<string>;
}

export interface AcmeCertificate {
    /**
     * DNS names, in lower case, 1 to 100; the first one is what the certificate goes by. "*.example.com", for all names below it,
     * takes the challenge "dns-01".
     */
    names: string[];
}

export interface AcmeDns {
    /** Whose DNS it is. */
    provider: DnsProvider;
    /**
     * Token of its API; kept root-only on the balancers. On DigitalOcean the scopes domain:read, domain:create, domain:update and
     * domain:delete are enough; a key of Vultr's cannot be limited to that: take one of a user who may manage DNS alone.
     */
    token: pulumi.Input<string>;
}

export const AcmeChallenge = { Http01: "http-01", Dns01: "dns-01" } as const;
export type AcmeChallenge = (typeof AcmeChallenge)[keyof typeof AcmeChallenge];

/** Clouds have a DNS each. */
export const DnsProvider = CloudName;
export type DnsProvider = CloudName;
