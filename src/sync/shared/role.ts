import {
    check,
    claims,
    drain,
    file,
    firewall,
    healthy,
    leave,
    reports,
    resume,
    type Step,
    secret,
    word,
} from "../../hosts/roleText.ts";
import { daemon } from "../../hosts/units.ts";
import { glusterdVolume, PORTS, sharedConfig, TLS } from "./glusterfs.ts";
import { members, type SharedSettings } from "./settings.ts";
import { glusterdNeeds, mountUnit, volumeUnit } from "./units.ts";

export const sharedPackages = ["e2fsprogs", "glusterfs-client", "glusterfs-server", "python3"];

/** Programs that each host needs. */
export const sharedPrograms = [
    "member/member_watch.py",
    ...[
        "sync-volume",
        "sync_brick.py",
        "sync_farewell.py",
        "sync_gluster.py",
        "sync_mount.py",
        "sync_pool.py",
        "sync_volume.py",
        "sync_whole.py",
    ].map((name) => `sync/${name}`),
];

const UNITS = "/etc/systemd/system";
const PROGRAM = "/usr/local/lib/evenkeel/sync-volume";

/** What a host has one of: it is in one pool, with one certificate. */
export const POOL = "GlusterFS";

/**
 * The role of one host. All may be applied at once: whoever comes last, the volume is made when all are there. Values are `ca`,
 * `cert` and `key`.
 */
export function sharedSteps(settings: SharedSettings, host: string): Step[] {
    const { name, path, group } = settings;
    const holds = settings.hosts.includes(host);
    const config = `/etc/evenkeel/sync/${name}.json`;
    const unit = `evenkeel-sync-${name}`;
    const run = (what: string) => `${PROGRAM} ${name} ${what}`;
    return [
        claims([POOL, `tcp ${host}:${PORTS.glusterd}`, ...(holds ? [`the folder ${path}`] : [])]),
        firewall(openPorts(members(settings).filter((each) => each !== host))),
        file({ path: "/etc/glusterfs/glusterd.vol", text: glusterdVolume(host), template: true }),
        file({ path: TLS.ca, text: "{{value ca}}", template: true }),
        file({ path: TLS.cert, text: "{{value cert}}", template: true }),
        secret(TLS.key, "key"),
        check(config, run("claim")),
        ...(holds ? [check(config, `getent group ${word(group)}`)] : []),
        daemon("glusterd", "restart", { more: glusterdNeeds(settings) }),
        file({ path: config, text: sharedConfig(settings, host) }),
        file({ path: `${UNITS}/${unit}.service`, text: volumeUnit(settings) }),
        daemon(unit, "restart", { restartDelay: 2 }),
        ...(holds ? mountSteps(settings) : []),
        healthy("GlusterFS answers", "gluster pool list"),
        reports("volume", run("status")),
        drain("data", run("spare")),
        resume("data", run("wait")),
        // Nothing of it is `state`: until its files are back in the folder, the brick is all there is.
        leave(run("leave")),
    ];
}

function mountSteps(settings: SharedSettings): Step[] {
    const unit = `evenkeel-sync-${settings.name}-mount`;
    return [
        // A client has read its certificate, too, when it started.
        file({
            path: `/etc/evenkeel/sync/${settings.name}.client.pem`,
            text: "{{value ca}}{{value cert}}",
            template: true,
        }),
        file({ path: `${UNITS}/${unit}.service`, text: mountUnit(settings) }),
        daemon(unit, "restart", { restartDelay: 2 }),
    ];
}

const openPorts = (others: string[]): string[] =>
    others.map(
        (other) =>
            `ip saddr ${other} tcp dport { ${PORTS.glusterd}, ${PORTS.firstBrick}-${PORTS.lastBrick} } accept`,
    );
