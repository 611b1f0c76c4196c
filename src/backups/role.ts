import { onHost } from "../hosts/programs.ts";
import {
    check,
    common,
    file,
    healthy,
    leave,
    reports,
    type Step,
    secret,
    service,
    state,
    word,
} from "../hosts/roleText.ts";
import { inUtc } from "../hosts/schedule.ts";
import { dropIn, job } from "../hosts/units.ts";
import type { DatabaseEndpoint } from "../member/endpoint.ts";
import {
    type BackupTarget,
    backupFiles,
    backupTimer,
    folderSshConfig,
    folderSshdConfig,
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
    "hosts/calendar_slots.py",
    "member/database-grants",
];

export interface BackupsSettings {
    /** The component's name: a cluster may have several kinds of backups. */
    name: string;
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
export function backupsSteps(settings: BackupsSettings): Step[] {
    const { name, host, cluster, members, target, schedule, keep, compress } = settings;
    const files = backupFiles(name);
    // Galera keeps no binary logs: its members hold each other's newest rows.
    const binlogs = cluster.kind === "replicated";
    const config = {
        backups: name,
        name: host,
        kind: cluster.kind,
        cluster: cluster.name,
        members,
        healthPort: cluster.healthPort,
        ca: files.ca,
        password: files.password,
        ...(target.kind === "s3" ? { s3Credentials: files.s3Credentials } : {}),
        ...resticRepository(name, target),
        schedule: inUtc(schedule),
        keep,
        compression: compress ? "auto" : "off",
        binlogs,
    };
    const timer = `evenkeel-backup@${name}.timer`;
    return [
        file({ path: files.ca, text: "{{value ca}}", template: true }),
        secret(files.password, "password"),
        ...storageFiles(name, target),
        file({ path: files.config, text: `${JSON.stringify(config, null, 2)}\n` }),
        unit("evenkeel-backup@.service"),
        dropIn(`evenkeel-backup@${name}`, job(SANDBOX)),
        file({ path: `/etc/systemd/system/${timer}`, text: backupTimer(name, schedule) }),
        check(`/etc/systemd/system/${timer}`, `systemd-analyze calendar ${word(inUtc(schedule))}`),
        service(timer, "restart"),
        ...(binlogs
            ? [
                  unit("evenkeel-binlogs@.service"),
                  dropIn(`evenkeel-binlogs@${name}`, job(SANDBOX)),
                  unit("evenkeel-binlogs@.timer"),
                  service(`evenkeel-binlogs@${name}.timer`, "restart"),
              ]
            : []),
        healthy("the storage answers", `/usr/local/lib/evenkeel/database-backup --of ${name} init`),
        reports("last good backup", `/usr/local/lib/evenkeel/database-backup --of ${name} last`),
        state(`/var/lib/evenkeel/backups/${name}`, `/var/cache/evenkeel-restic/${name}`),
    ];
}

/** The database's files are read whoever owns them. */
const SANDBOX = { writes: ["/run", "/var"], capabilities: ["DAC_OVERRIDE"] };

const unit = (name: string): Step =>
    common(file({ path: `/etc/systemd/system/${name}`, text: onHost(`backups/${name}`) }));

function storageFiles(name: string, target: BackupTarget): Step[] {
    const files = backupFiles(name);
    if (target.kind === "s3") return [secret(files.s3Credentials, "credentials")];
    return [
        secret(files.key, "key"),
        file({ path: files.knownHosts, text: `${target.host} {{value hostKey}}\n`, template: true }),
        file({ path: files.sshConfig, text: folderSshConfig(name, target), template: true }),
    ];
}

export interface BackupFolderSettings {
    user: string;
    folder: string;
}

/** The role of the host with the folder: a user who sees that folder alone, by SFTP alone. */
export function backupFolderSteps({ user, folder }: BackupFolderSettings): Step[] {
    const keys = `/etc/evenkeel/backup-folders/${user}.keys`;
    const account = `/etc/sysusers.d/evenkeel-${user}.conf`;
    const places = `/etc/tmpfiles.d/evenkeel-${user}.conf`;
    const sshd = `/etc/ssh/sshd_config.d/50-evenkeel-${user}.conf`;
    return [
        file({ path: account, text: `u ${user} - "Backups of a database" ${folder}\n` }),
        file({ path: places, text: `d ${folder} 755 root root\nd ${folder}/repository 700 ${user} root\n` }),
        file({ path: keys, text: "restrict {{value key}}\n", template: true }),
        file({ path: sshd, text: folderSshdConfig({ user, folder, keys }) }),
        check(sshd, "/usr/sbin/sshd -t"),
        service("ssh", "reload"),
        healthy("the user is there", `systemd-sysusers ${account}`),
        healthy("the folder is there", `systemd-tmpfiles --create ${places}`),
        // What it holds stays; nobody writes it any more.
        leave(`userdel --force ${user}`),
    ];
}
