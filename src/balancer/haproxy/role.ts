import { acmeHaproxyRules } from "../../acme/haproxy.ts";
import { stateFolder } from "../../acme/settings.ts";
import { check, common, file, healthy, type Step, secret, state } from "../../hosts/roleText.ts";
import { daemon } from "../../hosts/units.ts";
import { arrivals } from "../addresses.ts";
import type { BalancerEngine } from "../engine.ts";
import { peersPort } from "../ports.ts";
import type { BalancerSettings } from "../settings.ts";
import { MONITOR, readyAddress } from "../watch.ts";
import {
    HAPROXY_FOLDER,
    haproxyConfig,
    haproxyDefaults,
    haproxyPair,
    readySocket,
    STATS_SOCKET,
} from "./config.ts";
import { databaseFiles, listenerFiles } from "./listenerFiles.ts";
import { STATUS_VALUE, statusAccount } from "./monitoring.ts";

export const haproxyEngine: BalancerEngine = {
    packages: () => ["haproxy"],
    programs: [],
    problems: () => [],
    steps: haproxySteps,
    readySocket,
    statsSocket: () => STATS_SOCKET,
};

/** HAProxy's part of a balancer. */
function haproxySteps(settings: BalancerSettings): Step[] {
    const { name, host, pair, http, tcp, metricsPort, statusPage, acme } = settings;
    const main = "/etc/haproxy/haproxy.cfg";
    const path = `${HAPROXY_FOLDER}/${name}.cfg`;
    const { addresses, areCarried } = arrivals(settings);
    const text = haproxyPair({
        pair: name,
        host,
        hosts: pair,
        // The host's own public address stays closed.
        addresses,
        nonLocal: areCarried,
        ...(acme ? { first: acmeHaproxyRules() } : {}),
        http,
        tcp,
        readyAddress: readyAddress(settings.virtualRouterId),
        peersPort: peersPort(settings),
        metricsPort,
        statusPage,
    });
    return [
        common(file({ path: main, text: haproxyConfig(host) })),
        common(file({ path: "/etc/default/haproxy", text: haproxyDefaults })),
        ...listenerFiles(name, http, acme),
        ...databaseFiles(name, tcp),
        ...(statusPage ? [secret(statusAccount(name), STATUS_VALUE)] : []),
        file({ path, text, template: true }),
        check(path, `haproxy -c -f ${main} -f ${HAPROXY_FOLDER}`),
        // HAProxy leaves its socket behind; certificates outlive the setting that brought them.
        state(readySocket(name), stateFolder(name)),
        daemon("haproxy", "reload", { openFiles: 65_536 }),
        healthy(
            "HAProxy answers",
            `curl -fsS -m 2 -o /dev/null http://127.0.0.1:${MONITOR.port}${MONITOR.path}`,
        ),
    ];
}
