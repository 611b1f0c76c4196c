import { inUtc } from "../hosts/schedule.ts";

/** Where a member has what its backups of one name need; the programs of onhost/ look there. */
export function backupFiles(name: string) {
    const folder = `/etc/evenkeel/backups/${name}`;
    return {
        config: `${folder}/config.json`,
        ca: `${folder}/ca.pem`,
        password: `${folder}/repository.password`,
        sshConfig: `${folder}/ssh_config`,
        key: `${folder}/key`,
        knownHosts: `${folder}/known_hosts`,
        s3Credentials: `${folder}/s3.credentials`,
    };
}

/** The storage, as the members see it. */
export type BackupTarget =
    | { kind: "folder"; host: string; user: string }
    | { kind: "s3"; bucket: string; endpoint: string; region?: string; prefix?: string };

/** Where restic finds the storage, and the options that it needs for that. */
export function resticRepository(
    name: string,
    target: BackupTarget,
): { repository: string; options: string[] } {
    if (target.kind === "folder") {
        return {
            // The user sees nothing but this folder.
            repository: "sftp:storage:/repository",
            options: [`sftp.command=ssh -F ${backupFiles(name).sshConfig} storage -s sftp`],
        };
    }
    const path = [target.bucket, target.prefix].filter(Boolean).join("/");
    return {
        repository: `s3:${target.endpoint.replace(/\/+$/, "")}/${path}`,
        options: target.region === undefined ? [] : [`s3.region=${target.region}`],
    };
}

/** How a member reaches the folder: its own key, one pinned host key, and nothing of the host's own SSH settings. */
export function folderSshConfig(name: string, { host, user }: { host: string; user: string }): string {
    const files = backupFiles(name);
    return `Host storage
    HostName ${host}
    HostKeyAlias ${host}
    Port {{value port}}
    User ${user}
    IdentityFile ${files.key}
    IdentitiesOnly yes
    UserKnownHostsFile ${files.knownHosts}
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    BatchMode yes
    ConnectTimeout 10
    ServerAliveInterval 15
    ServerAliveCountMax 4
`;
}

export interface FolderSettings {
    user: string;
    folder: string;
    /** File with the key that opens it. */
    keys: string;
}

/** sshd's part of the folder's host: the user sees the folder alone, by SFTP alone. */
export function folderSshdConfig({ user, folder, keys }: FolderSettings): string {
    return `Match User ${user}
    AuthorizedKeysFile ${keys}
    AuthenticationMethods publickey
    ChrootDirectory ${folder}
    ForceCommand internal-sftp
    DisableForwarding yes
    PermitTTY no
`;
}

export function backupTimer(name: string, schedule: string): string {
    return `[Unit]
Description=Backups "${name}" of this host's database cluster

[Timer]
OnCalendar=${inUtc(schedule)}
# All members look at the same moment; one of them begins.
AccuracySec=1s
# A night that a host has slept through is made good for, unless another member has done it.
Persistent=true

[Install]
WantedBy=timers.target
`;
}

/** Every night between 1 and 5; clusters of different names at different minutes. */
export function nightly(name: string): string {
    const minutes = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 240, 7);
    const two = (value: number) => String(value).padStart(2, "0");
    return `*-*-* ${two(1 + Math.floor(minutes / 60))}:${two(minutes % 60)}:00 UTC`;
}
