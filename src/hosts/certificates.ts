import type * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

/** Ten years: nobody renews these by hand, and who loses trust in one replaces the authority's key. */
const VALIDITY_HOURS = 87_600;

export interface Certificate {
    cert: pulumi.Output<string>;
    /** The private key in PKCS #8 form; a secret. */
    key: pulumi.Output<string>;
}

/** A certificate authority of a component's own, in the stack's state alone. */
export class Authority {
    readonly cert: pulumi.Output<string>;
    readonly #key: tls.PrivateKey;
    readonly #opts: pulumi.CustomResourceOptions;

    /** @param keyOpts options of the authority's key, whatever the rest has */
    constructor(
        name: string,
        opts: pulumi.CustomResourceOptions,
        keyOpts: pulumi.CustomResourceOptions = opts,
    ) {
        this.#opts = opts;
        this.#key = new tls.PrivateKey(`${name}-ca-key`, keyArgs, keyOpts);
        this.cert = new tls.SelfSignedCert(
            `${name}-ca`,
            {
                privateKeyPem: this.#key.privateKeyPem,
                isCaCertificate: true,
                validityPeriodHours: VALIDITY_HOURS,
                allowedUses: ["cert_signing", "crl_signing"],
                subject: { commonName: `${name} authority` },
            },
            opts,
        ).certPem;
    }

    /**
     * A certificate for a host, as a server and as a client, under its name; as a server under these others, and on the
     * loopback, where HAProxy leads to it.
     */
    certificate(name: string, host: pulumi.Input<string>, aliases: string[] = []): Certificate {
        const key = new tls.PrivateKey(`${name}-key`, keyArgs, this.#opts);
        const request = new tls.CertRequest(
            `${name}-request`,
            {
                privateKeyPem: key.privateKeyPem,
                subject: { commonName: host },
                dnsNames: [host, "localhost", ...aliases],
                ipAddresses: ["127.0.0.1"],
            },
            this.#opts,
        );
        const { certPem } = new tls.LocallySignedCert(
            `${name}-cert`,
            {
                certRequestPem: request.certRequestPem,
                caPrivateKeyPem: this.#key.privateKeyPem,
                caCertPem: this.cert,
                validityPeriodHours: VALIDITY_HOURS,
                allowedUses: ["digital_signature", "server_auth", "client_auth"],
            },
            this.#opts,
        );
        return { cert: certPem, key: key.privateKeyPemPkcs8 };
    }
}

const keyArgs = { algorithm: "ECDSA", ecdsaCurve: "P256" };
