import { hereDocument, type Method, type Step, service, word } from "./roleText.ts";

/** What one daemon needs beside what all of them do. */
export interface DaemonNeeds {
    /**
     * When systemd starts it again. What does its work at once and ends can only be tried again when it failed; "no" is for
     * what somebody else decides on. @default "always"
     */
    restarts?: "always" | "on-failure" | "no";
    /** Seconds until then. @default 1 */
    restartDelay?: number;
    /** Files and connections that it may have open at once. @default 1024, systemd's own */
    openFiles?: number;
    /** What a program of ours is held to. @default nothing: Debian's daemons have their own */
    sandbox?: Sandbox;
    /** Further text of a unit's file, sections and all; it goes over the rest. */
    more?: string;
}

export interface Sandbox {
    /** Folders that it may write to; all others are read-only to it. */
    writes: string[];
    /** What is left to it of root's power, as in capabilities(7) without CAP_. */
    capabilities: string[];
    /** Whether a program that is not root has these, too. @default false */
    isUsers?: boolean;
    /** Whether it may make folders that pass their group on. @default false */
    setsGroups?: boolean;
}

/**
 * A daemon's settings and its service. It comes back by itself, whatever was late or in its way: an address that its host
 * gets after it has booted, a program that has its port for a while. A child that was killed for memory ends alone.
 */
export const daemon = (unit: string, method: Method, needs?: DaemonNeeds): Step =>
    `${dropIn(unit, daemonSettings(needs))}\n${service(unit, method)}`;

/** Settings of a unit that go over its own; it stays as it is otherwise. */
export const dropIn = (unit: string, text: string): Step => `\ndropin ${word(unit)} ${hereDocument(text)}`;

export function daemonSettings({
    restarts = "always",
    restartDelay = 1,
    openFiles,
    sandbox,
    more = "",
}: DaemonNeeds = {}): string {
    return `[Unit]
StartLimitIntervalSec=0

[Service]
Restart=${restarts}
${restarts === "no" ? "" : `RestartSec=${restartDelay}\n`}OOMPolicy=continue
${openFiles === undefined ? "" : `LimitNOFILE=${openFiles}:524288\n`}${sandbox ? sandboxSettings(sandbox) : ""}${more && `\n${more}`}`;
}

/** What a program of ours is held to that a timer starts. */
export const job = (sandbox: Sandbox): string => `[Service]\n${sandboxSettings(sandbox)}`;

/** With SYS_ADMIN, which systemd asks of those who start units, the system calls are what holds. */
function sandboxSettings({ writes, capabilities, isUsers = false, setsGroups = false }: Sandbox): string {
    const power = capabilities.map((name) => `CAP_${name}`).join(" ");
    return `CapabilityBoundingSet=${power}
${isUsers ? `AmbientCapabilities=${power}\n` : ""}LockPersonality=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectSystem=strict
${writes.length ? `ReadWritePaths=${writes.join(" ")}\n` : ""}RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
${setsGroups ? "" : "RestrictSUIDSGID=yes\n"}SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap
`;
}
