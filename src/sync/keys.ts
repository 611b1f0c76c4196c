import type * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { reached } from "../hosts/applyRole.ts";
import type { Host } from "../hosts/host.ts";
import { childName } from "../hosts/roleText.ts";
import { beginners, isAnswerer, type SyncSettings, syncUser } from "./settings.ts";

export const syncFolder = (name: string) => `/etc/evenkeel/sync/${name}`;
/** Of a host alone, for this sync alone. */
export const keyFile = (name: string) => `${syncFolder(name)}.key`;
export const knownHostsFile = (name: string) => `${syncFolder(name)}.known_hosts`;
export const sshConfigFile = (name: string) => `${syncFolder(name)}.ssh`;
/** The account's home holds nothing else. */
export const authorizedKeysFile = (name: string) => `${syncFolder(name)}/.ssh/authorized_keys`;

/** A key pair for each host that begins exchanges, by the host's name. */
export function syncKeys(
    settings: SyncSettings,
    opts: pulumi.CustomResourceOptions,
): Map<string, tls.PrivateKey> {
    return new Map(
        beginners(settings).map((host) => [
            host,
            new tls.PrivateKey(childName(settings.name, host, "sync-key"), { algorithm: "ED25519" }, opts),
        ]),
    );
}

/** What a host's files are filled with: its own key, the others' public halves and host keys, and their ports. */
export function keyValues(
    settings: SyncSettings,
    host: Host,
    hosts: Host[],
    keys: Map<string, tls.PrivateKey>,
): Record<string, pulumi.Input<string>> {
    const own = keys.get(host.name);
    const others = hosts.filter(({ name }) => name !== host.name);
    const admitted = isAnswerer(settings, host.name)
        ? others.flatMap(({ name }) => {
              const key = keys.get(name);
              return key ? [[`key-${name}`, key.publicKeyOpenssh.apply((line) => line.trim())] as const] : [];
          })
        : [];
    const known = own
        ? others
              .filter(({ name }) => isAnswerer(settings, name))
              .flatMap((other) => {
                  const way = reached(other);
                  return [
                      [`host-key-${other.name}`, way.apply(({ hostKey }) => withoutComment(String(hostKey)))],
                      [`port-${other.name}`, way.apply(({ port }) => String(port))],
                  ] as const;
              })
        : [];
    return Object.fromEntries([
        ...(own ? [["key", own.privateKeyOpenssh] as const] : []),
        ...admitted,
        ...known,
    ]);
}

const withoutComment = (key: string) => key.trim().split(/\s+/).slice(0, 2).join(" ");

/** Who may knock: the key of a host, from its address alone, for one program and nothing else. */
export const authorizedKeys = ({ name }: SyncSettings, others: string[]): string =>
    others
        .map(
            (other) =>
                `restrict,from="{{address ${other}}}",command="/usr/local/lib/evenkeel/sync-door ${name}" {{value key-${other}}} ${other}\n`,
        )
        .join("");

/** Nothing is trusted on first use. */
export const knownHosts = (others: string[]): string =>
    others.map((other) => `${other} {{value host-key-${other}}}\n`).join("");

/** How this host reaches the others, by their names. */
export function sshConfig({ name }: SyncSettings, others: string[]): string {
    const hosts = others.map(
        (other) => `Host ${other}
    HostName {{address ${other}}}
    HostKeyAlias ${other}
    Port {{value port-${other}}}
`,
    );
    return `${hosts.join("")}Host *
    User ${syncUser(name)}
    IdentityFile ${keyFile(name)}
    IdentitiesOnly yes
    IdentityAgent none
    UserKnownHostsFile ${knownHostsFile(name)}
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    UpdateHostKeys no
    BatchMode yes
    ForwardAgent no
    ConnectTimeout 5
    ServerAliveInterval 5
    ServerAliveCountMax 3
    LogLevel ERROR
`;
}
