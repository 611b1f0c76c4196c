import { certificate as authority, credential } from "../hosts/names.ts";
import { input, object, oneOf, optional, type Rules, someOf, text } from "../hosts/shape.ts";
import { when } from "../hosts/validation.ts";
import { type Acme, type AcmeCertificate, AcmeChallenge, type AcmeDns, DnsProvider } from "./args.ts";

const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
/** What the authorities of the Web give certificates for: no address, and no name without a dot. */
const DNS_NAME = new RegExp(String.raw`^(\*\.)?(${LABEL}\.)+(?!\d+$)${LABEL}$`);

const dnsName = text(
    "a DNS name",
    (name) => name.length <= 253 && DNS_NAME.test(name),
    'write it as "www.example.com", in lower case and in ASCII (xn--… for others)',
);

/** What Let's Encrypt gives one certificate at most. */
const MOST_NAMES = 100;

const names = someOf<string>("the names of a certificate", dnsName, (all, at) => [
    ...when(all.length > MOST_NAMES, at, `there are ${all.length}: ${MOST_NAMES} at most in one certificate`),
    ...twice(all).map((i) => ({ propertyPath: `${at}[${i}]`, reason: `"${all[i]}" is there already` })),
]);

const certificates = someOf<AcmeCertificate>(
    "at least one certificate",
    object<AcmeCertificate>("a certificate: `{ names }`", { names }),
    (all, at) => {
        const first = all.map((each) => each.names[0]!);
        return twice(first).map((i) => ({
            propertyPath: `${at}[${i}].names[0]`,
            reason: `another certificate goes by "${first[i]}" already: put another name first`,
        }));
    },
);

const twice = (texts: string[]) => texts.flatMap((each, i) => (texts.indexOf(each) < i ? [i] : []));

/** In a shell's and in systemd's words all the same, and in a JSON text. */
const email = text(
    "an e-mail address",
    (address) => address.length <= 254 && /^[\w.+-]+@([a-z0-9-]+\.)+[a-z]{2,}$/i.test(address),
    'write it as "admin@example.com"',
);

const directoryUrl = text(
    "the URL of a directory",
    (url) =>
        url.length <= 300 && /^https:\/\/[\w.-]+(:\d{1,5})?(\/[\w./~-]*)?$/.test(url) && URL.canParse(url),
    'write it as "https://acme.example.com/directory"',
);

/** A token of a DNS API. */
export const dnsToken = credential("an API token: one word");
/** Certificates of authorities, in PEM form. */
export const directoryAuthority = authority;

const rules: Rules<Acme> = ({ certificates = [], challenge = AcmeChallenge.Http01 }, sound, given) => {
    if (!sound("certificates", "challenge")) return [];
    const isDns = challenge === AcmeChallenge.Dns01;
    return [
        ...when(
            isDns && !given("dns"),
            "dns",
            'give the DNS that has the names\' zones: "dns-01" writes to it',
        ),
        ...when(!isDns && given("dns"), "dns", 'is for the challenge "dns-01"'),
        ...certificates.flatMap((each, i) =>
            each.names.flatMap((name, j) =>
                when(
                    !isDns && name.startsWith("*"),
                    `certificates[${i}].names[${j}]`,
                    `"${name}" takes the challenge "dns-01"`,
                ),
            ),
        ),
    ];
};

/** What can be wrong with certificates by ACME. */
export const acme = object<Acme>(
    "certificates by ACME: `{ certificates, email }`",
    {
        certificates,
        email,
        directoryUrl: optional(directoryUrl),
        challenge: optional(oneOf("a challenge", Object.values(AcmeChallenge))),
        dns: optional(
            object<AcmeDns>("a DNS: `{ provider, token }`", {
                provider: oneOf("a DNS that the balancers can write to", Object.values(DnsProvider)),
                token: input(dnsToken),
            }),
        ),
        caCertificate: optional(input(directoryAuthority)),
    },
    rules,
);
