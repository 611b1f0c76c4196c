import { onHost } from "../hosts/programs.ts";
import {
    account,
    check,
    claims,
    common,
    file,
    leave,
    reports,
    type Step,
    secret,
    service,
    state,
    word,
} from "../hosts/roleText.ts";
import { daemon, dropIn, job } from "../hosts/units.ts";
import { type CopyMode, SyncMode } from "./args.ts";
import {
    authorizedKeys,
    authorizedKeysFile,
    keyFile,
    knownHosts,
    knownHostsFile,
    sshConfig,
    sshConfigFile,
    syncFolder,
} from "./keys.ts";
import { lsyncdConfig } from "./lsyncd.ts";
import { answerers, beginners, isAnswerer, type SyncSettings, syncConfig, syncUser } from "./settings.ts";
import {
    doorService,
    doorSocket,
    runFolder,
    stateFolder,
    syncSandbox,
    syncService,
    syncTimer,
    syncUnit,
    treeUnit,
} from "./units.ts";

/** Packages of each mode. */
export const syncPackages: Record<CopyMode, string[]> = {
    oneWay: ["lsyncd", "python3", "rsync", "socat"],
    periodic: ["python3", "rsync", "socat"],
    twoWay: ["python3", "socat", "unison"],
};

const UNITS = "/etc/systemd/system";
const PROGRAMS = "/usr/local/lib/evenkeel";

/** The role of one host of a sync: an account, the others' keys, and what it begins or answers. */
export function syncSteps(settings: SyncSettings, host: string): Step[] {
    const { name, path, group } = settings;
    const config = `/etc/evenkeel/sync/${name}.json`;
    const others = settings.hosts.filter((each) => each !== host);
    const callers = beginners(settings).filter((each) => each !== host);
    const called = answerers(settings).filter((each) => others.includes(each));
    return [
        claims([`the folder ${path}`]),
        account(syncUser(name), syncFolder(name)),
        file({ path: config, text: syncConfig(settings, host) }),
        check(config, `getent group ${word(group)}`),
        common(
            file({
                path: `${UNITS}/evenkeel-sync-tree@.service`,
                text: onHost("sync/evenkeel-sync-tree@.service"),
            }),
        ),
        service(treeUnit(name), "restart"),
        ...(isAnswerer(settings, host) ? doorSteps(settings, callers) : []),
        ...(beginners(settings).includes(host) ? beginnerSteps(settings, called) : []),
        leave(`${PROGRAMS}/sync-tree ${name} leave`),
        state(stateFolder(name), runFolder(name)),
    ];
}

function doorSteps(settings: SyncSettings, callers: string[]): Step[] {
    const unit = syncUnit(settings.name);
    return [
        file({
            path: authorizedKeysFile(settings.name),
            text: authorizedKeys(settings, callers),
            template: true,
        }),
        file({ path: `${UNITS}/${unit}@.service`, text: doorService(settings) }),
        dropIn(`${unit}@`, job(syncSandbox(settings))),
        file({ path: `${UNITS}/${unit}.socket`, text: doorSocket(settings) }),
        service(`${unit}.socket`, "restart"),
    ];
}

function beginnerSteps(settings: SyncSettings, called: string[]): Step[] {
    const { name } = settings;
    return [
        secret(keyFile(name), "key", "600", `${syncUser(name)}:root`),
        file({ path: knownHostsFile(name), text: knownHosts(called), template: true }),
        file({ path: sshConfigFile(name), text: sshConfig(settings, called), template: true }),
        ...daemonSteps(settings, called),
    ];
}

function daemonSteps(settings: SyncSettings, called: string[]): Step[] {
    const { name, mode } = settings;
    const unit = syncUnit(name);
    const own = file({ path: `${UNITS}/${unit}.service`, text: syncService(settings) });
    const says = (what: string) => reports(what, `${PROGRAMS}/sync-status ${name} ${what}`);
    if (mode === SyncMode.Periodic)
        return [
            own,
            dropIn(unit, job(syncSandbox(settings))),
            file({ path: `${UNITS}/${unit}.timer`, text: syncTimer(settings) }),
            service(`${unit}.timer`, "restart"),
            says("targets"),
        ];
    const lua = `/etc/evenkeel/sync/${name}.lsyncd.lua`;
    const isOneWay = mode === SyncMode.OneWay;
    return [
        watches,
        service("systemd-sysctl", "restart"),
        ...(isOneWay ? [file({ path: lua, text: lsyncdConfig(settings, called) })] : []),
        own,
        daemon(unit, "restart", { sandbox: syncSandbox(settings), restartDelay: 2, openFiles: 65_536 }),
        ...(isOneWay ? ["targets"] : ["centre", "exchange", "conflicts"]).map(says),
    ];
}

/** One watch for each folder, 1 kB of memory for those that are used; a container may not set it. */
const watches = common(
    file({
        path: "/etc/sysctl.d/60-evenkeel-sync.conf",
        text: "-fs.inotify.max_user_watches = 524288\n",
    }),
);
