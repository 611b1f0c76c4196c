import { isObject, list, type Props, text, texts, type Value } from "../kit/values.ts";
import { all, api } from "./api.ts";
import { type Droplet, dropletOutputs } from "./dropletView.ts";
import type { SshKey } from "./sshKey.ts";
import { goTime, type Vpc } from "./vpc.ts";

type Function = (args: Props) => Promise<Props>;

function camel(value: Value): Value {
    if (Array.isArray(value)) return value.map(camel);
    if (!isObject(value)) return value;
    const named = (name: string): string =>
        name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [named(name), camel(item)]));
}

function only<T>(found: T[], what: string): T {
    const [first] = found;
    if (first === undefined) throw new Error(`no ${what} found`);
    if (found.length > 1) throw new Error(`too many ${what}s found: found ${found.length}, expected 1`);
    return first;
}

async function getImage(args: Props): Promise<Props> {
    const key = args.id ?? args.slug;
    const image = key
        ? (await api<{ image: Props }>("GET", `/v2/images/${text(key)}`)).image
        : only(await namedImages(args), `image with name ${text(args.name)}`);
    const { slug, id, public: isPublic, ...rest } = image;
    const outputs = camel(rest) as Props;
    const source = args.source === undefined ? {} : { source: args.source };
    return {
        tags: [],
        errorMessage: "",
        ...outputs,
        ...source,
        id: id ?? 0,
        slug: slug ?? "",
        image: text(slug || id),
        created: text(image.created_at),
        private: !isPublic,
    };
}

function namedImages({ name, source }: Props): Promise<Props[]> {
    const queries: Record<string, string> = {
        applications: "?type=application",
        distributions: "?type=distribution",
        all: "",
    };
    const query = queries[text(source)] ?? "?private=true";
    return all<Props>(`/v2/images${query}`, "images").then((images) =>
        images.filter((image) => image.name === name),
    );
}

async function getAccount(): Promise<Props> {
    const { account } = await api<{ account: Props }>("GET", "/v2/account");
    const { dropletLimit, floatingIpLimit, email, uuid, emailVerified, status, statusMessage } = camel(
        account,
    ) as Record<string, Value>;
    const limits = { dropletLimit: dropletLimit ?? 0, floatingIpLimit: floatingIpLimit ?? 0 };
    const state = { status: status ?? "", statusMessage: statusMessage ?? "" };
    return {
        ...limits,
        ...state,
        email: email ?? "",
        emailVerified: emailVerified ?? false,
        uuid: uuid ?? "",
        id: uuid ?? "",
    };
}

async function getRegion({ slug }: Props): Promise<Props> {
    const regions = await all<Props>("/v2/regions", "regions");
    const region = only(
        regions.filter((candidate) => candidate.slug === slug),
        `region ${text(slug)}`,
    );
    return { ...region, id: text(slug) };
}

async function getRegions(args: Props): Promise<Props> {
    return { ...args, id: "regions", regions: select(await all<Props>("/v2/regions", "regions"), args) };
}

async function getSizes(args: Props): Promise<Props> {
    const sizes = (await all<Props>("/v2/sizes", "sizes")).map((size) => ({
        gpuInfos: [],
        ...(camel(size) as Props),
    }));
    return { ...args, id: "sizes", sizes: select(sizes, args) };
}

/** The list functions' own filters and sorts. */
function select(items: Props[], { filters, sorts }: Props): Props[] {
    const matches = (item: Props, filter: Props): boolean => {
        const key = text(
            (camel({ [text(filter.key)]: null }) as Props) &&
                Object.keys(camel({ [text(filter.key)]: null }) as Props)[0],
        );
        const values = Array.isArray(item[key]) ? texts(item[key]) : [text(item[key])];
        const wanted = (candidate: string): boolean =>
            values.some((value) => matchesBy(filter.matchBy, value, candidate));
        return filter.all === true ? texts(filter.values).every(wanted) : texts(filter.values).some(wanted);
    };
    const kept = items.filter((item) =>
        list(filters)
            .filter(isObject)
            .every((filter) => matches(item, filter)),
    );
    return list(sorts)
        .filter(isObject)
        .reduceRight((sorted: Props[], { key, direction }) => {
            const name = Object.keys(camel({ [text(key)]: null }) as Props)[0] ?? "";
            const sign = direction === "desc" ? -1 : 1;
            return sorted.sort((a, b) => sign * compare(a[name], b[name]));
        }, kept);
}

function matchesBy(matchBy: Value | undefined, value: string, wanted: string): boolean {
    if (matchBy === "substring") return value.includes(wanted);
    return matchBy === "re" ? new RegExp(wanted).test(value) : value === wanted;
}

function compare(a: Value | undefined, b: Value | undefined): number {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0;
}

async function getSshKey({ name }: Props): Promise<Props> {
    const keys = await all<SshKey>("/v2/account/keys", "ssh_keys");
    const { id, fingerprint, public_key } = only(
        keys.filter((key) => key.name === name),
        `ssh key with name ${text(name)}`,
    );
    return { id, fingerprint, name: text(name), publicKey: public_key };
}

async function getVpc({ id, name, region }: Props): Promise<Props> {
    const fits = (vpc: Vpc): boolean => (name ? vpc.name === name : vpc.region === region && vpc.default);
    const vpc = id
        ? (await api<{ vpc: Vpc }>("GET", `/v2/vpcs/${text(id)}`)).vpc
        : only((await all<Vpc>("/v2/vpcs", "vpcs")).filter(fits), "VPC");
    const { created_at, ip_range, ...rest } = vpc;
    return { ...rest, createdAt: goTime(created_at), ipRange: ip_range };
}

async function getDroplet({ id, name, tag }: Props): Promise<Props> {
    const droplet = id
        ? (await api<{ droplet: Droplet }>("GET", `/v2/droplets/${text(id)}`)).droplet
        : await namedDroplet(text(name), text(tag));
    const { dropletUrn, publicNetworking: _, ...outputs } = dropletOutputs(droplet, { tags: [] });
    const image = droplet.image.slug || String(droplet.image.id);
    const own = {
        id: droplet.id,
        image,
        urn: dropletUrn ?? "",
        ipv6AddressPrivate: "",
        gpuPartitionMode: "",
    };
    return { ...outputs, ...own, ...(tag ? { tag } : {}) };
}

async function namedDroplet(name: string, tag: string): Promise<Droplet> {
    const found = await all<Droplet>(
        tag ? `/v2/droplets?tag_name=${encodeURIComponent(tag)}` : "/v2/droplets",
        "droplets",
    );
    return only(
        found.filter((droplet) => tag !== "" || droplet.name === name),
        `droplet ${tag ? `with tag ${tag}` : name}`,
    );
}

export const functions: Record<string, Function> = Object.fromEntries(
    Object.entries({
        getAccount,
        getDroplet,
        getImage,
        getRegion,
        getRegions,
        getSizes,
        getSshKey,
        getVpc,
    }).map(([name, run]) => [`digitalocean:index/${name}:${name}`, run]),
);
