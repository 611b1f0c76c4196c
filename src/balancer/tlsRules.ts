import { acme } from "../acme/validate.ts";
import { certificate } from "../hosts/names.ts";
import { flag, hidden, input, number, object, optional, someOf } from "../hosts/shape.ts";
import { when } from "../hosts/validation.ts";
import { type CertificateArgs, certificateProblems, type TlsArgs } from "./tls.ts";

/** Two years, as browsers' list of such sites wants it. */
const LONGEST_HSTS_S = 63_072_000;

const KEY = /^(?![\s\S]*ENCRYPTED)[\s\S]*-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/;

const pair = object<CertificateArgs>(
    "a certificate with its key: `{ certificate, privateKey }`",
    {
        certificate: input(certificate),
        privateKey: input(hidden("a private key in PEM form, without a passphrase", KEY)),
    },
    ({ certificate, privateKey }) =>
        // What is known later is looked at then.
        typeof certificate === "string" && typeof privateKey === "string"
            ? certificateProblems(certificate, privateKey)
            : [],
);

export const tlsArguments = object<TlsArgs>(
    "how TLS ends here: `{ certificates }` or `{ acme }`",
    {
        certificates: optional(someOf<CertificateArgs>("certificates with their keys", pair)),
        acme: optional(acme),
        redirect: optional(flag),
        hsts: optional(number("a number of seconds", { from: 0, to: LONGEST_HSTS_S })),
    },
    (_, __, given) =>
        when(
            !given("certificates") && !given("acme"),
            "certificates",
            "give them, or have them got by `acme`",
        ),
);
