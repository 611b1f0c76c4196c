import { type DaemonNeeds, daemonSettings } from "../hosts/units.ts";

/** A member's daemon. It answers for its MariaDB, and HAProxy looks twice a second. */
export const memberDaemon: DaemonNeeds = {
    restartDelay: 0.2,
    // mariabackup opens every table.
    openFiles: 65_536,
    sandbox: {
        // A copy of another member's data takes the place of MariaDB's folder, so that alone would not do.
        // Who is no member any more, or not yet, is let in by a file beside the firewall's other ones, where there are any.
        writes: ["/run", "/var", "-/etc/nftables.d"],
        // It starts MariaDB, which systemd asks SYS_ADMIN for; its copies are made and read whoever owns them.
        capabilities: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID", "SYS_ADMIN"],
    },
};

/** A member's MariaDB is started by that daemon alone. */
export const membersMariadb = (more: string): string => daemonSettings({ restarts: "no", more });
