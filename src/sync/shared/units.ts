import type { SharedSettings } from "./settings.ts";

const PROGRAM = "/usr/local/lib/evenkeel/sync-volume";

/** A process of GlusterFS has several threads, each of which would have memory of its own. */
const FEW_ARENAS = "Environment=MALLOC_ARENA_MAX=2";

/**
 * glusterd, the brick and what heals it. Debian's unit has network-online.target wait for it, so it cannot wait for that itself:
 * it is started again until its address is there.
 */
export const glusterdNeeds = ({ name }: SharedSettings): string => `[Service]
${FEW_ARENAS}
Environment=LOG_LEVEL=WARNING
ExecStartPre=${PROGRAM} ${name} prepare
MemoryHigh=30%
`;

/** Keeps the volume as the settings say. It changes units and mounts, as root. */
export const volumeUnit = ({ name }: SharedSettings): string => `[Unit]
Description=Shared folder ${name}: its volume
After=glusterd.service
Wants=glusterd.service

[Service]
Type=exec
ExecStart=${PROGRAM} ${name} serve
Nice=5

[Install]
WantedBy=multi-user.target
`;

/** The client in a unit of its own: a mount that was left behind by a killed one would fail for good. */
export const mountUnit = ({ name, path }: SharedSettings): string => `[Unit]
Description=Shared folder ${name}: ${path}
After=glusterd.service network-online.target
Wants=glusterd.service network-online.target

[Service]
Type=exec
${FEW_ARENAS}
ExecStart=${PROGRAM} ${name} mount
ExecStopPost=-/usr/bin/umount --lazy --quiet ${path}
MemoryHigh=25%

[Install]
WantedBy=multi-user.target
`;
