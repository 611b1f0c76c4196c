import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cloud } from "../../../../local/clouds/clouds.ts";
import { down } from "../../../../local/clouds/lifecycle.ts";
import { endpointPackages, namesPackages } from "../../../../src/database/role.ts";
import { galeraPackages } from "../../../../src/galera/role.ts";
import { libraryPackages } from "../../../../src/hosts/programs.ts";
import { phpPackages } from "../../../../src/web/role.ts";
import { certificate, certificateKey } from "../../../support/certificate.ts";
import { type TestStack, testStack } from "../../../support/engine.ts";
import { onHost, succeeded, testCloud } from "../../../support/flagship.ts";
import { changedLines, hostState } from "../../../support/hostState.ts";
import { NAMES, ownHostsOptions, VIRTUAL } from "../../../support/ownHosts.ts";

/** Two of everything on three hosts of one's own; `parts` is what the program has at the moment. */
const PROGRAM = `import * as pulumi from "@pulumi/pulumi";
import * as evenkeel from "evenkeel";

const config = new pulumi.Config();
const has = (part) => config.requireObject("parts").includes(part);
const hosts = config.requireObject("hosts").map(({ name, address, ssh, hostKey }) => ({
    name,
    privateAddress: address,
    connection: { host: ssh ?? address, privateKey: config.requireSecret("sshKey"), hostKey, dialErrorLimit: 5 },
}));
const secure = (backends) => ({
    backends, stickiness: { by: "address" }, limits: { requestsPerSecond: 100 },
    tls: { certificates: [{ certificate: ${JSON.stringify(certificate)}, privateKey: ${JSON.stringify(certificateKey)} }] },
});

if (has("web")) {
    const web = new evenkeel.WebPool("web", { hosts, php: true, files: { "index.php": "<?php echo 'shop of ', gethostname();" } });
    if (has("lb")) {
        new evenkeel.LoadBalancerPair("lb", {
            hosts: web.hosts.slice(0, 2), http: [{ backends: web.hosts }, { port: 443, ...secure(web.hosts) }],
            virtualAddress: "${VIRTUAL}/24", metricsPort: 9101, statusPage: true,
        });
    }
}
if (has("desk")) {
    const desk = new evenkeel.WebPool("desk", {
        hosts, port: 8080, documentRoot: "/srv/desk", php: true, files: { "index.php": "<?php echo 'desk of ', gethostname();" },
    });
    if (has("lb2")) {
        new evenkeel.LoadBalancerPair("lb2", {
            hosts: desk.hosts.slice(0, 2),
            http: [{ port: 8081, backends: desk.hosts, backendPort: 8080 }, { port: 443, backendPort: 8080, ...secure(desk.hosts) }],
            virtualAddress: "10.77.0.101/24", virtualRouterId: 52, metricsPort: 9102, statusPage: true,
        });
    }
}
if (has("db")) {
    const db = new evenkeel.GaleraCluster("db", { hosts, deletionProtection: false });
    const client = { servers: db.hosts, endpoint: db.endpoint, clients: hosts };
    if (has("shop")) new evenkeel.Database("shop", { ...client, names: true });
    if (has("notes")) new evenkeel.Database("notes", { ...client, port: 3316, readPort: 3317 });
    const made = { servers: db.hosts, endpoint: db.endpoint, deletionProtection: false };
    if (has("nightly")) new evenkeel.DatabaseBackups("nightly", { ...made, to: { host: hosts[2], folder: "/srv/nightly" } });
    if (has("sundays")) new evenkeel.DatabaseBackups("sundays", { ...made, schedule: "weekly", to: { host: hosts[2], folder: "/srv/sundays" } });
}
`;
const PARTS = ["web", "lb", "desk", "lb2", "db", "shop", "notes", "nightly", "sundays"];

let cloud: Cloud;
let stack: TestStack;
const before: Record<string, string> = {};
const on = (host: string, command: string) => onHost(cloud, host, command);
const everywhere = (command: string) => Promise.all(NAMES.map((host) => on(host, command)));

async function deploy(parts: string[]): Promise<string> {
    succeeded(await stack.pulumi("config", "set", "--", "parts", JSON.stringify(parts)));
    return succeeded(await stack.up());
}

beforeAll(async () => {
    cloud = await testCloud("test-whole-life");
    const options = await ownHostsOptions(cloud);
    // Packages stay when a role goes, so they are there before; of the owner's own none runs.
    const names = [...galeraPackages, ...endpointPackages, ...namesPackages, ...phpPackages];
    const packages = [
        ...names,
        ...libraryPackages,
        "nginx-light",
        "keepalived",
        "openssh-client",
        "restic",
    ].join(" ");
    await everywhere(`printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends ${packages}
rm /usr/sbin/policy-rc.d; systemctl -q disable nginx php8.2-fpm haproxy keepalived mariadb
sed -i 's|iif lo accept|iif lo accept; ip saddr 10.77.0.0/24 accept; iifname "evenkeel-vr*" accept|' /etc/nftables.conf
systemctl restart nftables`);
    for (const host of NAMES) before[host] = await hostState(cloud, host);
    stack = await testStack({
        ...options,
        program: "examples/own-hosts",
        files: { "index.ts": PROGRAM },
        config: { ...options.config, parts: JSON.stringify(PARTS) },
    });
    succeeded(await stack.up());
});
afterAll(async () => {
    await down("test-whole-life");
    stack?.remove();
});

/** What clients see of a part; each line has to be as it is here while the part is there. */
const WORKS: Record<string, () => Promise<unknown>> = {
    web: async () =>
        expect(await everywhere("curl -s http://$(hostname):80/")).toEqual(
            NAMES.map((name) => `shop of ${name}`),
        ),
    lb: async () => {
        expect(await on("gamma", `curl -s http://${VIRTUAL}/`)).toContain("shop of");
        expect(await on("gamma", `curl -sk https://${VIRTUAL}/`)).toContain("shop of");
    },
    desk: async () =>
        expect(await everywhere("curl -s http://$(hostname):8080/")).toEqual(
            NAMES.map((name) => `desk of ${name}`),
        ),
    lb2: async () => {
        expect(await on("gamma", "curl -s http://10.77.0.101:8081/")).toContain("desk of");
        expect(await on("gamma", "curl -sk https://10.77.0.101/")).toContain("desk of");
    },
    shop: async () => expect(await everywhere(sql("shop"))).toEqual(["shop", "shop", "shop"]),
    notes: async () => expect(await everywhere(sql("notes"))).toEqual(["notes", "notes", "notes"]),
    nightly: async () =>
        expect(await on("gamma", "database-backup --of nightly status")).toContain("last good backup"),
    sundays: async () =>
        expect(await on("gamma", "database-backup --of sundays status")).toContain("last good backup"),
};
const sql = (name: string) =>
    `mariadb --defaults-extra-file=/etc/evenkeel/databases/${name}.cnf -NBe 'SELECT DATABASE()'`;
const works = async (parts: string[]) => {
    for (const part of parts) await WORKS[part]?.();
};

/** Asks for a page from the third host twenty times a second; gives what was not answered with 200. */
async function asking(name: string, url: string): Promise<() => Promise<string[]>> {
    const loop = `while sleep 0.05; do curl -s -m 3 -o /dev/null -w "%{http_code}\\n" ${url} >>/run/${name}; done`;
    await on("gamma", `rm -f /run/${name}; systemd-run -q --unit=${name} bash -c '${loop}'`);
    return async () => {
        await on("gamma", `systemctl stop ${name}`);
        const answers = (await on("gamma", `cat /run/${name}; rm /run/${name}`)).split("\n");
        expect(answers.length).toBeGreaterThan(50);
        return answers.filter((answer) => answer !== "200");
    };
}

test("two of each on the same hosts, and all of them work", async () => {
    await works(PARTS);
    succeeded(await stack.up("--expect-no-changes"));
});

test("a host that is taken out of service leaves both addresses at once, and neither loses a request", async () => {
    const stops = [
        await asking("first", `http://${VIRTUAL}/`),
        await asking("second", "http://10.77.0.101:8081/"),
    ];
    for (const host of ["alpha", "beta", "alpha", "beta"]) {
        await on(host, `/usr/local/lib/evenkeel/planned-work drain ${host}`);
        expect(await on(host, `ip -4 -o address show to 10.77.0.100/31`)).toBe("");
        expect(await on(host, "nft list tables | grep step-aside || true")).toBe("");
        await on(host, `/usr/local/lib/evenkeel/planned-work resume ${host}`);
    }
    for (const stop of stops) expect(await stop()).toEqual([]);
});

test.each([["sundays"], ["notes"], ["lb2"], ["desk"], ["nightly"], ["shop"]])(
    "without %s the others serve on, with no request lost",
    async (gone) => {
        const stop = await asking("asking", `http://${VIRTUAL}/`);
        PARTS.splice(PARTS.indexOf(gone), 1);
        await deploy(PARTS);
        expect(await stop()).toEqual([]);
        await works(PARTS);
        const left = `find /etc /run /srv /usr/local /var/lib/evenkeel -path /srv/${gone} -prune -o -name '*${gone}*' -print; systemctl list-units --plain --no-legend '*@${gone}*'`;
        for (const found of await everywhere(left)) expect(found).toBe("");
    },
);

test("a balancer that goes gives its address up, and its token's file with it", async () => {
    PARTS.splice(PARTS.indexOf("lb"), 1);
    await deploy(PARTS);
    await works(PARTS);
    expect(
        await everywhere(
            "ip -4 -o address show to 10.77.0.100; pgrep -x keepalived; systemctl is-active haproxy | grep -x active; ls -d /etc/evenkeel/balancers 2>/dev/null || true",
        ),
    ).toEqual(["", "", ""]);
});

test("after a destroy the hosts are as they came", async () => {
    succeeded(await stack.destroy());
    for (const host of NAMES)
        expect(changedLines(before[host]!, await hostState(cloud, host)), host).toEqual([]);
});
