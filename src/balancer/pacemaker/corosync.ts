import { createHash } from "node:crypto";

/** Corosync's UDP port, to be open among the balancers. */
export const COROSYNC_PORT = 5405;

/** What its messages are sealed with; 128 bytes are the least that it takes. */
export const CLUSTER_KEY = { path: "/etc/corosync/authkey", value: "cluster-key", length: 128 };

export const COROSYNC_CONF = "/etc/corosync/corosync.conf";

/** In milliseconds, until a host that says nothing is missed. */
const TOKEN = 500;
/** And until the others have agreed to go on without it. Two may agree sooner than they miss each other, as corosync.conf(5) has it. */
const CONSENSUS = { two: 300, more: 600 };

/** knet takes no more than 16 bits. */
const NUMBERS = 65_535;

/** Each host's number, by its name: another order changes none, and another host hardly ever one. */
export function nodeIds(hosts: string[]): Map<string, number> {
    const numbers = new Map<string, number>();
    for (const host of hosts.toSorted()) {
        let number = createHash("sha256").update(host).digest().readUInt32BE() % NUMBERS;
        while ([...numbers.values()].includes(number + 1)) number = (number + 1) % NUMBERS;
        numbers.set(host, number + 1);
    }
    return numbers;
}

/**
 * corosync.conf for corosync 3.1.7 (Debian 12), the same on all hosts of a pair; addresses are filled in there. Quorum decides
 * nothing: the last host of all has the address, as with VRRP (pacemaker.ts).
 */
export function corosyncConf({ name, hosts }: { name: string; hosts: string[] }): string {
    const ids = nodeIds(hosts);
    const nodes = hosts.toSorted().map(
        (host) => `    node {
        name: ${host}
        nodeid: ${ids.get(host)}
        ring0_addr: {{address ${host}}}
    }
`,
    );
    return `totem {
    version: 2
    cluster_name: ${name}
    # UDP from host to host, sealed and signed.
    transport: knet
    crypto_cipher: aes256
    crypto_hash: sha256
    # A host that dies is missed after ${TOKEN} ms, and given up after ${hosts.length > 2 ? CONSENSUS.more : CONSENSUS.two} more.
    token: ${TOKEN}
    token_coefficient: 0
    consensus: ${hosts.length > 2 ? CONSENSUS.more : CONSENSUS.two}
    interface {
        linknumber: 0
        mcastport: ${COROSYNC_PORT}
    }
}

nodelist {
${nodes.join("")}}

quorum {
    provider: corosync_votequorum
}

system {
    # Where it may not be real-time, as in a container, it would leave its unit for the root's group.
    move_to_root_cgroup: no
}

logging {
    to_stderr: no
    to_logfile: no
    to_syslog: yes
}
`;
}
