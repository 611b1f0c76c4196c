import { type Acme, LoadBalancerPair } from "../../../src/index.ts";
import { hosts, refuses, refusesWrong, type Told, type Wrong } from "../../support/refusals.ts";

const acme: Acme = { certificates: [{ names: ["www.example.com"] }], email: "admin@example.com" };
const pair = { hosts: hosts("a", "b"), virtualAddress: "10.0.0.250/24" };
const backends = hosts("web-0");
const http = (change: Partial<Acme>, port = 443) => [
    { port, backends, tls: { acme: { ...acme, ...change } } },
];
const told = (title: string, change: Partial<Acme>, ...problems: string[]): Told => [
    title,
    () => new LoadBalancerPair("lb", { ...pair, http: http(change) }),
    problems.map((problem) => `http[0].tls.acme.${problem}`),
];
const names = (...all: string[][]) => ({ certificates: all.map((each) => ({ names: each })) });
const NO_NAME =
    'is not a DNS name: write it as "www.example.com", in lower case and in ASCII (xn--… for others)';

refuses([
    told("no certificate", names(), "certificates: the list is empty: give at least one certificate"),
    told(
        "a certificate without a name",
        names([]),
        "certificates[0].names: the list is empty: give the names of a certificate",
    ),
    ...[
        "WWW.example.com",
        "localhost",
        "192.0.2.1",
        "a_b.example.com",
        "www.example.com.",
        "www.*.com",
        "-a.example.com",
    ].map((name) => told(name, names([name]), `certificates[0].names[0]: "${name}" ${NO_NAME}`)),
    told(
        "a name twice, and a certificate of another one's name",
        names(["a.example.com", "b.example.com", "a.example.com"]),
        'certificates[0].names[2]: "a.example.com" is there already',
    ),
    told(
        "two certificates that go by one name",
        names(["a.example.com"], ["a.example.com", "b.example.com"]),
        'certificates[1].names[0]: another certificate goes by "a.example.com" already: put another name first',
    ),
    told(
        "more names than one certificate takes",
        names(Array.from({ length: 101 }, (_, i) => `n${i}.example.com`)),
        "certificates[0].names: there are 101: 100 at most in one certificate",
    ),
    told(
        "a wildcard whose zone nobody writes to",
        names(["example.com", "*.example.com"]),
        'certificates[0].names[1]: "*.example.com" takes the challenge "dns-01"',
    ),
    told(
        "DNS-01 without a DNS",
        { challenge: "dns-01" },
        'dns: give the DNS that has the names\' zones: "dns-01" writes to it',
    ),
    told(
        "a DNS that nothing is written to",
        { dns: { provider: "digitalocean", token: "t" } },
        'dns: is for the challenge "dns-01"',
    ),
    told(
        "a directory without TLS, and a challenge that there is not",
        { directoryUrl: "http://acme.example.com/directory", challenge: "tls-alpn-01" as never },
        'directoryUrl: "http://acme.example.com/directory" is not the URL of a directory: write it as "https://acme.example.com/directory"',
        'challenge: "tls-alpn-01" is not a challenge: use one of "http-01", "dns-01"',
    ),
    told(
        "an address that nobody gets a letter at",
        { email: "admin@localhost" },
        'email: "admin@localhost" is not an e-mail address: write it as "admin@example.com"',
    ),
    [
        "TLS on the port of plain HTTP",
        () => new LoadBalancerPair("lb", { ...pair, http: http({}, 80) }),
        ["http[0].port: 80 is the port of plain HTTP: take 443 for a listener with `tls`"],
    ],
    [
        "two listeners with certificates by ACME",
        () => new LoadBalancerPair("lb", { ...pair, http: [...http({}), ...http({}, 8443)] }),
        [
            "http[1].tls.acme: another listener of the pair has certificates by ACME: name all of them there, in http[0]",
        ],
    ],
]);

const wrong = (title: string, tls: unknown, ...paths: string[]): Wrong => [
    title,
    { ...pair, http: [{ port: 443, backends, tls }] },
    paths.map((path) => `http[0].tls${path}`),
];

refusesWrong(LoadBalancerPair as never, "lb", [
    wrong("TLS of nothing", {}, ".certificates"),
    wrong("ACME of nothing", { acme: {} }, ".acme.certificates", ".acme.email"),
    wrong("a list of names alone", { acme: ["www.example.com"] }, ".acme"),
    wrong(
        "a token that no header takes",
        { acme: { ...acme, challenge: "dns-01", dns: { provider: "vultr", token: "a\nb" } } },
        ".acme.dns.token",
    ),
    wrong("an authority that is none", { acme: { ...acme, caCertificate: "x" } }, ".acme.caCertificate"),
]);
