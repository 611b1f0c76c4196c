import { createPrivateKey, X509Certificate } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import type { Acme } from "../acme/args.ts";
import { type Problem, when } from "../hosts/validation.ts";

export interface TlsArgs {
    /** One for all names, or several: visitors get the one for the name that they ask for, and the first by default. */
    certificates?: CertificateArgs[];
    /** Certificates that the balancers get by themselves, after those that are given; one listener of a pair can have them. */
    acme?: Acme;
    /** Whether visitors who come to port 80 are sent on to here, if no other listener is there. @default true */
    redirect?: boolean;
    /** Seconds for which browsers come back by TLS alone (HSTS), 0 to 63,072,000. @default 0: they are not told so */
    hsts?: number;
}

export interface CertificateArgs {
    /** In PEM form, followed by those of the authorities that it was issued by. */
    certificate: pulumi.Input<string>;
    /** The certificate's private key, in PEM form and without a passphrase; treated as a secret. */
    privateKey: pulumi.Input<string>;
}

/** File that lists a listener's certificates. */
export const crtList = (listener: string) => `/etc/haproxy/evenkeel/${listener}.crt-list`;

export const certificateFile = (listener: string, i: number) => `/etc/haproxy/evenkeel/${listener}-${i}.pem`;

/** Name of a certificate among a role's values. */
export const certificateValue = (listener: string, i: number) => `certificate-${listener}-${i}`;

/** What HAProxy takes: all in one file. */
export const bundle = (certificate: string, privateKey: string) =>
    `${certificate.trim()}\n${privateKey.trim()}\n`;

/** Whether a certificate and a key can be read, and are of each other. */
export function certificateProblems(certificate: string, privateKey: string): Problem[] {
    const parsed = readable(() => new X509Certificate(certificate));
    const key = readable(() => createPrivateKey(privateKey));
    return [
        ...when(!parsed, "certificate", "cannot be read: give it in PEM form"),
        ...when(!key, "privateKey", "cannot be read: give it in PEM form, without a passphrase"),
        ...when(!!parsed && !!key && !parsed.checkPrivateKey(key), "privateKey", "is of another certificate"),
    ];
}

/** What a user has to know of a certificate that is about to end. */
export function expiry(certificate: string, now: Date): string | undefined {
    const until = new Date(new X509Certificate(certificate).validTo);
    const days = Math.floor((until.getTime() - now.getTime()) / 86_400_000);
    if (days >= SOON_DAYS) return undefined;
    const day = until.toISOString().slice(0, 10);
    return days < 0 ? `expired on ${day}` : `expires on ${day}`;
}

const SOON_DAYS = 14;

function readable<Value>(read: () => Value): Value | undefined {
    try {
        return read();
    } catch {
        return undefined;
    }
}
