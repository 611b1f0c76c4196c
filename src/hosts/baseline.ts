import { libraryPackages, onHost, type Program, placePrograms } from "./programs.ts";
import { check, file, healthy, packages, type Step, service, word } from "./roleText.ts";
import { daemon, dropIn } from "./units.ts";

/** Packages that every host of ours has. */
export const baselinePackages = [
    "ca-certificates",
    "curl",
    ...libraryPackages,
    "nftables",
    "systemd-timesyncd",
    "unattended-upgrades",
];

/** Daemons that work as a cluster: upgraded by the library, one host after the other, never by each host alone. */
const clustered = ["galera-", "glusterfs-", "haproxy", "keepalived", "mariadb-"];

/** The first text that a host runs: it places programs, then installs packages. All hosts run it at once. */
export function installText(
    role: string,
    host: string,
    names: string[],
    programs: Program[],
    steps: Step[] = [],
): string {
    return [
        "# A host that has just been born is still busy with cloud-init.",
        "if command -v cloud-init >/dev/null; then timeout 300 cloud-init status --wait >/dev/null </dev/null; fi",
        placePrograms(host, programs),
        ". /usr/local/lib/evenkeel/role.bash",
        `role ${word(role)} ${word(host)} <"$input"; rm -f "$input"`,
        `programs ${programs.map(({ name }) => name).join(" ")}`,
        packages([...new Set(names)].sort()),
        ...steps,
        "apply",
        "",
    ].join("\n");
}

/** The role that every host created by the library has: SSH, firewall, time, updates, journal, swap. */
export function baselineSteps(index: number): Step[] {
    return [
        file({ path: "/etc/ssh/sshd_config.d/10-evenkeel.conf", text: sshdConfig }),
        check("/etc/ssh/sshd_config.d/10-evenkeel.conf", "/usr/sbin/sshd -t"),
        daemon("ssh", "reload", { more: sshSettings }),
        // Roles add a file each to this folder, 50-ROLE.nft, and may refuse SSH on an address of theirs.
        file({ path: "/etc/nftables.d/90-ssh.nft", text: "tcp dport 22 accept\n" }),
        file({ path: "/etc/nftables.conf", text: nftablesConfig, mode: "755" }),
        check("/etc/nftables.conf", "nft -c -f /etc/nftables.conf"),
        dropIn("nftables", nftablesSettings),
        service("nftables", "reload"),
        ...["evenkeel-connections.service", "evenkeel-connections.timer"].map((unit) =>
            file({ path: `/etc/systemd/system/${unit}`, text: onHost(`hosts/${unit}`) }),
        ),
        service("evenkeel-connections.timer", "restart"),
        file({ path: "/etc/systemd/journald.conf.d/10-evenkeel.conf", text: journaldConfig }),
        service("systemd-journald", "restart"),
        file({ path: "/etc/sysctl.d/60-evenkeel.conf", text: sysctlConfig }),
        service("systemd-sysctl", "restart"),
        daemon("systemd-timesyncd", "restart"),
        ...upgrades(index),
        "swap 1024",
        healthy("SSH answers on this host", "ssh-keyscan -T 2 -t ed25519 127.0.0.1"),
    ];
}

const sshdConfig = `# Keys only, and only the host key that was there at birth.
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
X11Forwarding no
HostKey /etc/ssh/ssh_host_ed25519_key
# With two families it is content with one of them when another program has its port; hosts have one.
AddressFamily inet
MaxStartups 30:30:100
`;

/** Debian's unit gives up when sshd ends with an error of its own, such as that another program has its port. */
const sshSettings = `[Service]
RestartPreventExitStatus=
`;

/** Debian's unit flushes all tables when it is stopped. */
const nftablesSettings = `[Service]
ExecStop=
ExecStop=/usr/sbin/nft "table inet evenkeel; delete table inet evenkeel"
`;

/** Its table is replaced in one transaction; what others have made of tables stays. */
const nftablesConfig = `#!/usr/sbin/nft -f
table inet evenkeel
delete table inet evenkeel

table inet evenkeel {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        ct state invalid drop
        iif lo accept
        meta l4proto { icmp, ipv6-icmp } accept
        include "/etc/nftables.d/*.nft"
    }
    chain output {
        type filter hook output priority filter; policy accept;
        # The cloud's metadata holds this host's birth text: for root only.
        ip daddr 169.254.169.254 th dport != 179 meta skuid != 0 reject
    }
}
`;

const journaldConfig = `[Journal]
Storage=persistent
SystemMaxUse=200M
`;

const sysctlConfig = `# Of a gigabyte, little is worth swapping; the leading - passes over what a container may not set.
-vm.swappiness=10
`;

/** Security updates daily, an hour apart by host, so that a bad one never takes two hosts at once. */
function upgrades(index: number): Step[] {
    const timer = `[Timer]
OnCalendar=
OnCalendar=*-*-* ${String(index % 24).padStart(2, "0")}:30
RandomizedDelaySec=0
`;
    const rules = `APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Package-Blacklist { ${clustered.map((name) => `"${name}";`).join(" ")} };
`;
    return [
        file({ path: "/etc/systemd/system/apt-daily-upgrade.timer.d/10-evenkeel.conf", text: timer }),
        service("apt-daily-upgrade.timer", "restart"),
        file({ path: "/etc/apt/apt.conf.d/60evenkeel-upgrades", text: rules }),
    ];
}
