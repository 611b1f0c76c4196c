import * as pulumi from "@pulumi/pulumi";

/** One registered resource, with what a reviewer of the graph wants to know. */
export interface GraphResource {
    type: string;
    name: string;
    parent: string;
    dependencies: string[];
    ignoreChanges: string[];
    inputs: Record<string, unknown>;
}

/** Addresses that no test has by chance elsewhere, each host its own. */
export const ADDRESS = /\b(10\.20\.0|203\.0\.113|198\.51\.100)\.\d+\b/;
const numberOf = (host: string) =>
    [...host].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 254, 0) + 1;

/** One that can be read; of whoever asks. */
const RSA_PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDHrHTNzuE0HkUow4d2AOBkkWb7
A8iJh5OdIWmJd2I/0KLhtLowhjnns22V9tCBUJJAKLevi6yKnAiQopEaYIuM+nSN
DMAx5OH+tJqUXuIQ6CUExH8elVacVPg2rfkGoWl3MkRw3zkjpnkYzCAqOznZn6Iq
04KKvd3ZDK9duI0hWwIDAQAB
-----END PUBLIC KEY-----
`;

/** What clouds and providers would answer, by type. */
const computed: Record<string, (name: string) => Record<string, unknown>> = {
    "digitalocean:index/vpc:Vpc": () => ({ ipRange: "10.20.0.0/20" }),
    "digitalocean:index/droplet:Droplet": (name) => ({
        ipv4Address: `203.0.113.${numberOf(name)}`,
        ipv4AddressPrivate: `10.20.0.${numberOf(name)}`,
    }),
    "digitalocean:index/reservedIp:ReservedIp": () => ({ ipAddress: "198.51.100.1" }),
    "vultr:index/vpc:Vpc": () => ({ v4Subnet: "10.20.0.0", v4SubnetMask: 20 }),
    "vultr:index/instance:Instance": (name) => ({
        mainIp: `203.0.113.${numberOf(name)}`,
        internalIp: `10.20.0.${numberOf(name)}`,
    }),
    "vultr:index/reservedIp:ReservedIp": () => ({ subnet: "198.51.100.1" }),
    "random:index/randomPassword:RandomPassword": (name) => ({ result: pulumi.secret(`<password ${name}>`) }),
    "tls:index/certRequest:CertRequest": (name) => ({ certRequestPem: `<request ${name}>\n` }),
    "tls:index/locallySignedCert:LocallySignedCert": (name) => ({ certPem: `<certificate ${name}>\n` }),
    "tls:index/selfSignedCert:SelfSignedCert": (name) => ({ certPem: `<certificate ${name}>\n` }),
    "tls:index/privateKey:PrivateKey": (name) => ({
        publicKeyOpenssh: `ssh-ed25519 AAAA <public ${name}>\n`,
        privateKeyOpenssh: pulumi.secret(`-----BEGIN OPENSSH PRIVATE KEY-----<private ${name}>\n`),
        privateKeyPem: pulumi.secret(`<private ${name}>\n`),
        privateKeyPemPkcs8: pulumi.secret(`<private ${name}>\n`),
        publicKeyPem: RSA_PUBLIC_KEY,
    }),
};

interface Monitor {
    registerResource(request: Request, callback: unknown): Promise<void>;
}
interface Request {
    getType(): string;
    getName(): string;
    getParent(): string;
    getDependenciesList(): string[];
    getIgnorechangesList(): string[];
}

/** Runs a program under Pulumi's mocks and returns what it registered, in the order of names. */
export async function graphOf(program: () => unknown, { preview = false } = {}): Promise<GraphResource[]> {
    const resources: GraphResource[] = [];
    const inputs = new Map<string, Record<string, unknown>>();
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs: given }) => {
                inputs.set(`${type} ${name}`, given);
                const state = { ...computed[type]?.(name), ...given };
                return { id: preview ? undefined : `id-of-${name}`, state: preview ? given : state };
            },
            call: ({ token }) => {
                throw new Error(`unexpected call of ${token}`);
            },
        },
        "project",
        "stack",
        preview,
    );
    const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = async (request, callback) => {
        await register(request, callback);
        const [type, name] = [request.getType(), request.getName()];
        resources.push({
            type,
            name,
            parent: shortName(request.getParent()),
            dependencies: [...new Set(request.getDependenciesList().map(shortName))].sort(),
            ignoreChanges: request.getIgnorechangesList(),
            inputs: inputs.get(`${type} ${name}`) ?? {},
        });
    };
    try {
        await program();
    } finally {
        await pulumi.runtime.disconnect();
    }
    return resources
        .filter(({ type }) => type !== "pulumi:pulumi:Stack")
        .sort((a, b) => a.name.localeCompare(b.name) || a.type.localeCompare(b.type));
}

/** The graph as one stable text: a golden file that a reviewer can read. */
export function renderGraph(resources: GraphResource[]): string {
    return resources
        .map(({ type, name, parent, dependencies, ignoreChanges, inputs }) =>
            [
                `${name}  (${type})`,
                ...(parent ? [`  parent: ${parent}`] : []),
                ...(dependencies.length ? [`  after: ${dependencies.join(", ")}`] : []),
                ...(ignoreChanges.length ? [`  ignores changes of: ${ignoreChanges.join(", ")}`] : []),
                ...Object.entries(inputs).flatMap(([key, value]) => renderValue(key, reveal(value))),
                "",
            ].join("\n"),
        )
        .join("\n");
}

function renderValue(key: string, value: unknown): string[] {
    const text = withoutPrograms(typeof value === "string" ? value : JSON.stringify(value));
    if (!text.includes("\n")) return [`  ${key}: ${text}`];
    return [
        `  ${key}:`,
        ...text
            .trimEnd()
            .split("\n")
            .map((line) => `    | ${line}`.trimEnd()),
    ];
}

/** Programs for hosts have files and tests of their own; in a graph only their names matter. */
function withoutPrograms(text: string): string {
    return text
        .replace(/^(place \d+) [0-9a-f]{64}/gm, "$1 <sha256>")
        .replace(/^value [0-9a-f]{64} .*/gm, "value <program>");
}

/** Marks what is secret, so that a golden shows when something stops being so. */
export function reveal(value: unknown): unknown {
    if (pulumi.runtime.isRpcSecret(value)) return { secret: reveal(pulumi.runtime.unwrapRpcSecret(value)) };
    if (Array.isArray(value)) return value.map(reveal);
    if (value && typeof value === "object") {
        return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, reveal(each)]));
    }
    return value;
}

const shortName = (urn: string) => urn.split("::").at(-1) ?? "";
