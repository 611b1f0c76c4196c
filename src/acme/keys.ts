import { createHash, createPublicKey } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { checkedLate } from "../hosts/arguments.ts";
import type { Acme } from "./args.ts";
import { certificateId } from "./settings.ts";
import { directoryAuthority, dnsToken } from "./validate.ts";

/**
 * The account's key, and one for each certificate, that all balancers of a pair have from birth: none of them ever travels
 * between hosts. Who loses trust in one has it replaced, and the balancers get another certificate for it.
 */
export function acmeValues(
    component: string,
    name: string,
    { certificates, dns, caCertificate }: Acme,
    opts: pulumi.CustomResourceOptions,
): Record<string, pulumi.Input<string>> {
    // Debian 12's dehydrated signs with RSA alone.
    const account = new tls.PrivateKey(`${name}-acme-account`, { algorithm: "RSA", rsaBits: 2048 }, opts);
    const keys = certificates.map(({ names }) => {
        const id = certificateId(names);
        const key = new tls.PrivateKey(
            `${name}-acme-${id}`,
            { algorithm: "ECDSA", ecdsaCurve: "P256" },
            opts,
        );
        return [keyValue(id), key.privateKeyPemPkcs8] as const;
    });
    return {
        "acme-account": account.privateKeyPem,
        "acme-thumbprint": account.publicKeyPem.apply(thumbprint),
        ...Object.fromEntries(keys),
        ...(caCertificate === undefined
            ? {}
            : {
                  "acme-authority": checkedLate(
                      component,
                      name,
                      "acme.caCertificate",
                      directoryAuthority,
                      caCertificate,
                  ),
              }),
        ...(dns
            ? {
                  "acme-dns": pulumi.secret(
                      pulumi.interpolate`Authorization: Bearer ${checkedLate(component, name, "acme.dns.token", dnsToken, dns.token)}\n`,
                  ),
              }
            : {}),
    };
}

export const keyValue = (id: string) => `acme-key-${id}`;

/** Of an RSA key, as RFC 7638 has it. */
export function thumbprint(publicKey: string): string {
    const { e, kty, n } = createPublicKey(publicKey).export({ format: "jwk" });
    return createHash("sha256").update(JSON.stringify({ e, kty, n })).digest("base64url");
}
