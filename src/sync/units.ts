import type { Sandbox } from "../hosts/units.ts";
import { SyncMode } from "./args.ts";
import { type SyncSettings, syncUser } from "./settings.ts";

export const syncUnit = (name: string) => `evenkeel-sync-${name}`;
export const treeUnit = (name: string) => `evenkeel-sync-tree@${name}`;
/** What the programs keep of a sync: what has run, and unison's records. */
export const stateFolder = (name: string) => `/var/lib/evenkeel/sync/${name}`;
export const runFolder = (name: string) => `/run/evenkeel-sync-${name}`;

const PROGRAMS = "/usr/local/lib/evenkeel";

/**
 * Files are read and written whoever made them, within one folder: all else of the host is read-only, and what is nobody's
 * business is not there.
 */
export const syncSandbox = ({ name, path }: SyncSettings): Sandbox => ({
    writes: [path, stateFolder(name)],
    capabilities: ["DAC_OVERRIDE", "FOWNER"],
    isUsers: true,
    setsGroups: true,
});

/** What a program that knows names and addresses reads. */
const SYSTEM_FILES = [
    "alternatives",
    "group",
    "host.conf",
    "hosts",
    "ld.so.cache",
    "localtime",
    "nsswitch.conf",
    "passwd",
    "resolv.conf",
];
const OWN_FILES = ["json", "key", "known_hosts", "lsyncd.lua", "ssh"];

/**
 * A folder that becomes a link while it is read or written leads nowhere: of the host there is what is the same on every Debian, this
 * folder, and what this sync keeps.
 */
const view = ({
    name,
    path,
}: SyncSettings) => `TemporaryFileSystem=/etc:ro /media:ro /mnt:ro /opt:ro /srv:ro /var:ro
BindPaths=${path} ${stateFolder(name)}
BindReadOnlyPaths=${[...SYSTEM_FILES.map((file) => `-/etc/${file}`), ...OWN_FILES.map((kind) => `-/etc/evenkeel/sync/${name}.${kind}`)].join(" ")}`;

/** The account, and what all units of a sync have for themselves. */
const asSync = (settings: SyncSettings) => {
    const { name, group } = settings;
    return `User=${syncUser(name)}
Group=${group}
UMask=0002
StateDirectory=evenkeel/sync/${name}
StateDirectoryMode=0750
RuntimeDirectory=evenkeel-sync-${name}
RuntimeDirectoryPreserve=yes
${view(settings)}
Nice=5`;
};

/** What comes in: each exchange that another host begins is a process of its own. */
export const doorSocket = ({ name }: SyncSettings): string => `[Unit]
Description=Door of the file sync ${name} for its other hosts

[Socket]
ListenStream=${runFolder(name)}/door.sock
SocketUser=${syncUser(name)}
SocketMode=0600
Accept=yes
MaxConnections=64

[Install]
WantedBy=sockets.target
`;

export const doorService = (settings: SyncSettings): string => `[Unit]
Description=File sync ${settings.name}, an exchange that another host has begun
CollectMode=inactive-or-failed
# A closed door ends what came through it: it would go on with the folder that was there when it began, whatever is mounted since.
PartOf=${syncUnit(settings.name)}.socket

[Service]
${asSync(settings)}
ExecStart=${PROGRAMS}/sync-serve ${settings.name}
StandardInput=socket
StandardOutput=socket
StandardError=journal
`;

/** What this host begins. */
export function syncService(settings: SyncSettings): string {
    const { name, mode } = settings;
    return `[Unit]
Description=File sync ${name}
After=network-online.target ${treeUnit(name)}.service
Wants=network-online.target
# The folder is made, and given to the account, by root.
Requires=${treeUnit(name)}.service

[Service]
${asSync(settings)}
${runs(settings)}
${mode === SyncMode.Periodic ? "" : "\n[Install]\nWantedBy=multi-user.target\n"}`;
}

function runs({ name, mode }: SyncSettings): string {
    switch (mode) {
        case SyncMode.OneWay:
            return `Type=exec
ExecStartPre=${PROGRAMS}/sync-push ${name} --begin
ExecStart=/usr/bin/lsyncd -nodaemon /etc/evenkeel/sync/${name}.lsyncd.lua
ExecStopPost=-${PROGRAMS}/sync-push ${name} --ended
TimeoutStartSec=infinity
KillMode=mixed
# How it ends when it is told to.
SuccessExitStatus=143`;
        case SyncMode.Periodic:
            return `Type=oneshot
ExecStartPre=${PROGRAMS}/sync-push ${name} --begin
ExecStart=${PROGRAMS}/sync-push ${name} --all
# A target that lacks something is told by the status, and tried again.
SuccessExitStatus=75 76
TimeoutStartSec=infinity`;
        case SyncMode.TwoWay:
            return `Type=notify
NotifyAccess=main
WatchdogSec=60
ExecStart=${PROGRAMS}/sync-exchange ${name}
KillMode=mixed
TimeoutStopSec=15`;
        default: {
            const unknown: never = mode;
            throw new Error(`unknown mode ${unknown}`);
        }
    }
}

/** The next run begins so long after the last one has begun, or as soon as that has ended. */
export const syncTimer = ({ name, every }: SyncSettings): string => `[Unit]
Description=File sync ${name}, every ${every} s

[Timer]
OnActiveSec=1s
OnUnitActiveSec=${every}s
AccuracySec=1s

[Install]
WantedBy=timers.target
`;
