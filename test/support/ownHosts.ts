import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cloud } from "../../local/clouds/clouds.ts";
import { cloudDirectory } from "../../local/directories.ts";
import { succeeds, within } from "../../tools/waiting.ts";
import type { TestStackOptions } from "./engine.ts";
import { apiOf, cloudEnvironment, onHost } from "./flagship.ts";
import { spending } from "./spending.ts";
import { keyPair } from "./sshServer.ts";

/** Hosts that Pulumi did not make, with firewalls of their own. */
export const NAMES = ["alpha", "beta", "gamma"] as const;
export const VIRTUAL = "10.77.0.100";

export interface Droplet {
    id: number;
    name: string;
    status: string;
    networks: { v4: { type: string; ip_address: string }[] };
}

export interface OwnHosts {
    droplets: Droplet[];
    /** How SSH and firewall of each were before the library came. */
    before: string[];
    userKey: string;
    hostKey: string;
}

const file = (cloud: Cloud) => join(cloudDirectory(cloud.name), "own-hosts.json");

export const ownHostsOf = (cloud: Cloud) => JSON.parse(readFileSync(file(cloud), "utf8")) as OwnHosts;

/** examples/own-hosts on droplets made by hand. */
export async function ownHostsOptions(cloud: Cloud): Promise<TestStackOptions> {
    if (!existsSync(file(cloud))) await spending("hosts", () => makeHosts(cloud));
    const { droplets, userKey, hostKey } = ownHostsOf(cloud);
    const hosts = droplets.map((droplet) => ({
        name: droplet.name,
        address: addressOf(droplet, "private"),
        ssh: addressOf(droplet, "public"),
        hostKey,
    }));
    return {
        program: "examples/own-hosts",
        config: { virtualAddress: `${VIRTUAL}/24`, hosts: JSON.stringify(hosts) },
        secrets: { sshKey: userKey, failoverToken: cloud.failoverToken },
        env: cloudEnvironment(cloud),
    };
}

export const addressOf = ({ networks }: Droplet, type: "public" | "private") =>
    networks.v4.find((each) => each.type === type)!.ip_address;

async function makeHosts(cloud: Cloud): Promise<void> {
    const [userKey, hostKey] = [keyPair(), keyPair()];
    const droplets = await makeDroplets(cloud, userKey.publicKey, hostKey);
    for (const name of NAMES) await ownFirewall(cloud, name);
    const before = await Promise.all(NAMES.map((name) => settingsOf(cloud, name)));
    const hosts: OwnHosts = { droplets, before, userKey: userKey.privateKey, hostKey: hostKey.publicKey };
    writeFileSync(file(cloud), JSON.stringify(hosts), { mode: 0o600 });
}

async function makeDroplets(
    cloud: Cloud,
    userKey: string,
    hostKey: ReturnType<typeof keyPair>,
): Promise<Droplet[]> {
    const api = apiOf(cloud);
    const region = "fra1";
    const { vpc } = (await api("POST", "/v2/vpcs", { name: "own", region, ip_range: "10.77.0.0/24" })) as {
        vpc: { id: string };
    };
    const { ssh_key: key } = (await api("POST", "/v2/account/keys", {
        name: "own",
        public_key: userKey,
    })) as { ssh_key: { id: number } };
    await api("POST", "/v2/droplets", {
        names: NAMES,
        region,
        size: "s-1vcpu-1gb",
        image: "debian-12-x64",
        ssh_keys: [key.id],
        vpc_uuid: vpc.id,
        user_data: `#cloud-config\n${JSON.stringify({
            ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey },
        })}\n`,
    });
    const list = async () => ((await api("GET", "/v2/droplets")) as { droplets: Droplet[] }).droplets;
    const areActive = async () => (await list()).every(({ status }) => status === "active");
    await within(120, "the droplets to be active", areActive, 500);
    return (await list()).sort((a, b) => a.name.localeCompare(b.name));
}

/** What the library asks of a firewall that is not its own: the listeners' port, and the balancers among each other. */
async function ownFirewall(cloud: Cloud, host: string): Promise<void> {
    const booted = () => succeeds(onHost(cloud, host, "cloud-init status --wait"));
    await within(120, `${host} to be booted`, booted, 500);
    await onHost(
        cloud,
        host,
        `cat >/etc/nftables.conf <<'EOF' && systemctl enable --now nftables
flush ruleset
table inet mine {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        iif lo accept
        tcp dport { 22, 80 } accept
        ip saddr 10.77.0.0/24 udp dport { 4789, 5405 } accept
        iifname "evenkeel-vr51" accept
    }
}
EOF`,
    );
}

/** SSH and firewall of a host, as they are. */
export const settingsOf = (cloud: Cloud, host: string) =>
    onHost(
        cloud,
        host,
        "nft list ruleset; sshd -T | sort; sha256sum /etc/nftables.conf /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*",
    );

/** Which of the balancers carry a virtual address. */
export async function carriers(
    cloud: Cloud,
    hosts: readonly string[] = NAMES.slice(0, 2),
    address = VIRTUAL,
): Promise<string[]> {
    const carries = await Promise.all(
        hosts.map((host) => onHost(cloud, host, `ip -4 -o address show to ${address}`).catch(() => "")),
    );
    return hosts.filter((_, i) => carries[i] !== "");
}

/** Reboots a host, and waits until it has. */
export async function reboot(cloud: Cloud, host: string): Promise<void> {
    const began = () => onHost(cloud, host, "systemctl show -P UserspaceTimestampMonotonic").catch(() => "");
    const before = await began();
    await onHost(cloud, host, "systemctl reboot").catch(() => "");
    await within(60, `${host} to reboot`, async () => !["", before].includes(await began()), 300);
}

/** Of the network that the hosts have in common. */
export async function hardwareAddressOf(cloud: Cloud, host: string): Promise<string> {
    const interfaces = await onHost(cloud, host, "ip -json address show to 10.77.0.0/24");
    const [{ ifname }] = JSON.parse(interfaces) as [{ ifname: string }];
    return onHost(cloud, host, `cat /sys/class/net/${ifname}/address`);
}

/**
 * Asks for the page from the third host every 50 ms until told to stop; gives the longest time without an answer. As a neighbour
 * that believes `preferred`, a hardware address, it asks anew whose the address is until that one says so.
 */
export async function watchedFromGamma(cloud: Cloud, preferred?: string) {
    const neighbour = `ip neighbour show to ${VIRTUAL} | grep -q ${preferred} || ip neighbour flush to ${VIRTUAL}`;
    const loop = `while sleep 0.05; do
        ${preferred === undefined ? "" : neighbour}
        curl -s -m 1 -o /dev/null -w "%{http_code} $(date +%s%3N)\\n" http://${VIRTUAL}/ >>/run/answers
    done`;
    await onHost(cloud, "gamma", `rm -f /run/answers; systemd-run -q --unit=asking bash -c '${loop}'`);
    const answered = () => onHost(cloud, "gamma", "grep -c '^200 ' /run/answers || true");
    const oneMore = async () => {
        const before = Number(await answered());
        await within(15, `the page at ${VIRTUAL}`, async () => Number(await answered()) > before, 100);
    };
    await oneMore();
    return async () => {
        await oneMore();
        await onHost(cloud, "gamma", "systemctl stop asking");
        const lines = (await onHost(cloud, "gamma", "cat /run/answers")).split("\n");
        const good = lines.filter((line) => line.startsWith("200 ")).map((line) => Number(line.slice(4)));
        return Math.max(...good.slice(1).map((at, i) => at - good[i]!));
    };
}
