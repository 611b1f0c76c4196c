import { onHost } from "../hosts/programs.ts";
import { check, claims, file, firewall, healthy, leave, type Step, secret } from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";
import { memberPrograms } from "../member/programs.ts";
import { GARB_TLS, type GarbSettings, garbDefaults } from "./garb.ts";

export const arbitratorPackages = ["galera-arbitrator-4", "iproute2", "python3"];

/** Programs that an arbitrator needs. */
export const arbitratorPrograms = [
    "galera/galera-arbitrator",
    "galera/galera_arbitration.py",
    "galera/galera_decision.py",
    "galera/galera_members.py",
    ...memberPrograms,
];

const PROGRAM = "/usr/local/lib/evenkeel/galera-arbitrator";

/** The role of a host that votes with a cluster's members and stores nothing. */
export function arbitratorSteps(settings: GarbSettings): Step[] {
    const { host, cluster, port } = settings;
    const members = settings.members.toSorted();
    const config = { name: host, cluster, members, ca: GARB_TLS.ca };
    const path = "/etc/evenkeel/arbitrator.json";
    return [
        claims(["garbd"]),
        firewall(members.map((member) => `ip saddr ${member} tcp dport ${port} accept`)),
        file({ path: GARB_TLS.ca, text: "{{value ca}}", template: true }),
        file({ path: GARB_TLS.cert, text: "{{value cert}}", template: true }),
        secret("/etc/evenkeel/arbitrator/key.pem", "key"),
        file({ path: "/etc/default/garb", text: garbDefaults({ ...settings, members }), template: true }),
        daemon("garb", "restart", { more: onHost("galera/garb.conf") }),
        file({ path, text: `${JSON.stringify(config, null, 2)}\n` }),
        file({
            path: "/etc/systemd/system/evenkeel-arbitrator.service",
            text: onHost("galera/evenkeel-arbitrator.service"),
        }),
        check(path, `${PROGRAM} claim`),
        daemon("evenkeel-arbitrator", "restart", {
            restartDelay: 0.2,
            // It starts garbd, and systemd asks that of who does.
            sandbox: { writes: [], capabilities: ["SYS_ADMIN"] },
        }),
        healthy("the members count it", `${PROGRAM} counted`),
        leave(`${PROGRAM} retire`),
    ];
}
