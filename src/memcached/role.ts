import { claims, file, firewall, healthy, type Step, word } from "../hosts/roleText.ts";
import { daemon } from "../hosts/units.ts";

export interface MemcachedSettings {
    host: string;
    /** Hosts that may connect. */
    clients: string[];
    /** Megabytes. */
    memory: number;
    port: number;
}

/** The role of one host. memcached asks nobody for a password: it listens on the private address, to its clients alone. */
export function memcachedSteps({ host, clients, memory, port }: MemcachedSettings): Step[] {
    const others = clients.filter((client) => client !== host);
    const ask = `exec 3<>/dev/tcp/${host}/${port} && printf 'version\\r\\n' >&3 && read -r -t 2 answer <&3 && [[ $answer == VERSION* ]]`;
    return [
        claims(["memcached", `tcp ${host}:${port}`]),
        firewall(others.map((client) => `ip saddr ${client} tcp dport ${port} accept`)),
        file({ path: "/etc/memcached.conf", text: memcachedConf({ host, memory, port }), template: true }),
        daemon("memcached", "restart", { openFiles: 65_536 }),
        healthy("memcached answers", `bash -c ${word(ask)}`),
    ];
}

/** memcached.conf of Debian 12's memcached 1.6: options as on its command line. */
function memcachedConf({ host, memory, port }: Omit<MemcachedSettings, "clients">): string {
    return `-u memcache
-l {{address ${host}}}
-p ${port}
# No UDP: with a forged sender it answers to whoever is to be flooded.
-U 0
-m ${memory}
-c 1024
-P /var/run/memcached/memcached.pid
logfile /var/log/memcached.log
`;
}
