import { cloudOf } from "../clouds/cloudOf.ts";
import { onHost } from "../hosts/programs.ts";
import { check, common, file, leave, reports, type Step, secret, service, tells } from "../hosts/roleText.ts";
import { dropIn, job } from "../hosts/units.ts";
import type { Acme } from "./args.ts";
import { keyValue } from "./keys.ts";
import {
    type AcmeSettings,
    authorityFile,
    certificateId,
    dnsHeaderFile,
    keyFile,
    settingsFile,
} from "./settings.ts";

/** Packages that a balancer needs for it. */
export const acmePackages = ["dehydrated", "python3"];

/** Programs that a balancer needs for it, with those for whose DNS it writes to. */
export const acmePrograms = ({ dns }: Acme): string[] => [
    "acme/acme-certificates",
    "acme/acme-dns",
    "acme/acme_certificate.py",
    "acme/acme_haproxy.py",
    "acme/acme_issue.py",
    "acme/acme_pair.py",
    "acme/acme_peer.py",
    "acme/acme_report.py",
    "acme/acme_turn.py",
    "acme/acme_zones.py",
    ...(dns ? cloudOf(dns.provider).dns.programs : []),
];

const PROGRAM = "/usr/local/lib/evenkeel/acme-certificates";

/** What comes before HAProxy, which starts with no certificate missing. */
export function acmeSteps(settings: AcmeSettings): Step[] {
    const { name, certificates, hasAuthority, dns } = settings;
    const conf = settingsFile(name);
    return [
        secret(keyFile(name, "account"), "acme-account"),
        ...certificates.map((names) => {
            const id = certificateId(names);
            return secret(keyFile(name, id), keyValue(id));
        }),
        ...(dns ? [secret(dnsHeaderFile(name), "acme-dns")] : []),
        ...(hasAuthority
            ? [file({ path: authorityFile(name), text: "{{value acme-authority}}", template: true })]
            : []),
        file({ path: conf, text: acmeConfig(settings), template: true }),
        check(conf, `${PROGRAM} ready ${name}`),
        ...["evenkeel-acme@.service", "evenkeel-acme@.timer"].map((unit) =>
            common(file({ path: `/etc/systemd/system/${unit}`, text: onHost(`acme/${unit}`) })),
        ),
        dropIn(`evenkeel-acme@${name}`, job({ writes: [], capabilities: [] })),
        service(`evenkeel-acme@${name}.timer`, "restart"),
        leave(`${PROGRAM} leave ${name}`),
    ];
}

/** What comes last: a first certificate is asked for when visitors already get here. */
export const acmeReports = ({ name }: AcmeSettings): Step[] => [
    reports("certificates", `${PROGRAM} status ${name}`),
    tells(`${PROGRAM} tell ${name}`),
];

function acmeConfig({
    address,
    port,
    mark,
    directoryUrl,
    email,
    challenge,
    certificates,
    dns,
}: AcmeSettings) {
    const config = {
        address,
        port,
        mark,
        directory: directoryUrl,
        email,
        challenge,
        thumbprint: "{{value acme-thumbprint}}",
        ...(dns ? { dns: { provider: dns.provider, api: dns.apiUrl, wait: dns.wait } } : {}),
        certificates: certificates.map((names) => ({ id: certificateId(names), names })),
    };
    return `${JSON.stringify(config, null, 2)}\n`;
}
