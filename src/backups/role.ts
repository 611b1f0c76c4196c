import { onHost } from "../hosts/programs.ts";
import { check, file, healthy, roleText, type Step, secret, service, word } from "../hosts/roleText.ts";
import type { DatabaseEndpoint } from "../member/endpoint.ts";
import {
    BACKUP_FILES,
    type BackupTarget,
    backupTimer,
    folderSshConfig,
    folderSshdConfig,
    inUtc,
    resticRepository,
} from "./storage.ts";

export const backupPackages = ["mariadb-backup", "openssh-client", "python3-pymysql", "restic"];

/** Programs that a member needs. */
export const backupPrograms = [
    "backups/backup_binlogs.py",
    "backups/backup_kinds.py",
    "backups/backup_make.py",
    "backups/backup_report.py",
    "backups/backup_restore.py",
    "backups/backup_storage.py",
    "backups/backup_turn.py",
    "backups/database-backup",
    "member/database-grants",
];

export interface BackupsSettings {
    host: string;
    cluster: Pick<DatabaseEndpoint, "kind" | "name" | "healthPort">;
    /** All members, the preferred writer first. */
    members: string[];
    target: BackupTarget;
    schedule: string;
    keep: number;
    compress: boolean;
}

/** The role of one member: its way to the storage, and a timer. The first host to run it makes the repository. */
export function backupsText(settings: BackupsSettings): string {
    const { host, cluster, members, target, schedule, keep, compress } = settings;
    // Galera keeps no binary logs: its members hold each other's newest rows.
    const binlogs = cluster.kind === "replicated";
    const config = {
        name: host,
        kind: cluster.kind,
        cluster: cluster.name,
        members,
        healthPort: cluster.healthPort,
        ca: BACKUP_FILES.ca,
        ...resticRepository(target),
        schedule: inUtc(schedule),
        keep,
        compression: compress ? "auto" : "off",
        binlogs,
    };
    const timer = "evenkeel-backup.timer";
    return roleText("backups", host, [
        file({ path: BACKUP_FILES.ca, text: "{{value ca}}", template: true }),
        secret(BACKUP_FILES.password, "password"),
        ...storageFiles(target),
        file({ path: BACKUP_FILES.config, text: `${JSON.stringify(config, null, 2)}\n` }),
        unit("evenkeel-backup.service"),
        file({ path: `/etc/systemd/system/${timer}`, text: backupTimer(schedule) }),
        check(`/etc/systemd/system/${timer}`, `systemd-analyze calendar ${word(inUtc(schedule))}`),
        service(timer, "restart"),
        ...(binlogs
            ? [
                  unit("evenkeel-binlogs.service"),
                  unit("evenkeel-binlogs.timer"),
                  service("evenkeel-binlogs.timer", "restart"),
              ]
            : []),
        healthy("the storage answers", "/usr/local/lib/evenkeel/database-backup init"),
    ]);
}

const unit = (name: string): Step =>
    file({ path: `/etc/systemd/system/${name}`, text: onHost(`backups/${name}`) });

function storageFiles(target: BackupTarget): Step[] {
    if (target.kind === "s3") return [secret(BACKUP_FILES.s3Credentials, "credentials")];
    return [
        secret(BACKUP_FILES.key, "key"),
        file({ path: BACKUP_FILES.knownHosts, text: `${target.host} {{value hostKey}}\n`, template: true }),
        file({ path: BACKUP_FILES.sshConfig, text: folderSshConfig(target), template: true }),
    ];
}

export interface BackupFolderSettings {
    host: string;
    user: string;
    folder: string;
}

/** The role of the host with the folder: a user who sees that folder alone, by SFTP alone. */
export function backupFolderText({ host, user, folder }: BackupFolderSettings): string {
    const keys = `/etc/evenkeel/backup-folders/${user}.keys`;
    const account = `/etc/sysusers.d/evenkeel-${user}.conf`;
    const places = `/etc/tmpfiles.d/evenkeel-${user}.conf`;
    const sshd = `/etc/ssh/sshd_config.d/50-evenkeel-${user}.conf`;
    return roleText(user, host, [
        file({ path: account, text: `u ${user} - "Backups of a database" ${folder}\n` }),
        file({ path: places, text: `d ${folder} 755 root root\nd ${folder}/repository 700 ${user} root\n` }),
        file({ path: keys, text: "restrict {{value key}}\n", template: true }),
        file({ path: sshd, text: folderSshdConfig({ user, folder, keys }) }),
        check(sshd, "/usr/sbin/sshd -t"),
        service("ssh", "reload"),
        healthy("the user is there", `systemd-sysusers ${account}`),
        healthy("the folder is there", `systemd-tmpfiles --create ${places}`),
    ]);
}
