import type { SharedSettings } from "./settings.ts";

/** Management, and one brick; away from the ports that the kernel gives to connections of programs. */
export const PORTS = { glusterd: 24_007, firstBrick: 24_100, lastBrick: 24_199 };

/** Where Debian's GlusterFS looks for them: one of each for all that a host does with it. */
export const TLS = {
    cert: "/usr/lib/ssl/glusterfs.pem",
    key: "/usr/lib/ssl/glusterfs.key",
    ca: "/usr/lib/ssl/glusterfs.ca",
};

/** glusterd.vol of GlusterFS 10. Bricks listen where glusterd does; without its address it ends, and is started again. */
export const glusterdVolume = (host: string): string => `volume management
    type mgmt/glusterd
    option working-directory /var/lib/glusterd
    option transport-type socket
    option transport.socket.bind-address {{address ${host}}}
    option transport.socket.listen-port ${PORTS.glusterd}
    option transport.socket.keepalive-time 5
    option transport.socket.keepalive-interval 1
    option transport.socket.keepalive-count 3
    option transport.socket.read-fail-log off
    option ping-timeout 0
    option event-threads 1
    option base-port ${PORTS.firstBrick}
    option max-port ${PORTS.lastBrick}
end-volume
`;

/**
 * Settings of the volume. A host that dies holds up the others' writes until their connections to it fail: 4 s after the first
 * byte that it does not acknowledge. Kernels acknowledge, however busy a brick is, so this is short; `ping-timeout` is for bricks
 * that hang, and a small host may need a while to answer.
 */
export const VOLUME: Record<string, string> = {
    // Who closes a file has it on the other hosts.
    "performance.flush-behind": "off",
    // These hold contents and attributes for a second, in which other hosts change them.
    "performance.quick-read": "off",
    "performance.io-cache": "off",
    "performance.stat-prefetch": "off",
    "performance.open-behind": "off",
    "performance.io-thread-count": "8",
    "client.event-threads": "1",
    "server.event-threads": "1",
    // Encrypted, and only for hosts whose certificates have these names (auth.ssl-allow, by onhost/sync_volume.py).
    "client.ssl": "on",
    "server.ssl": "on",
    // More than half of the copies, or nothing is written: two halves never go on by themselves. What cannot be decided after all
    // is an error for people, not silently the later one.
    "cluster.quorum-type": "auto",
    "cluster.server-quorum-type": "none",
    "cluster.favorite-child-policy": "none",
    "cluster.heal-timeout": "10",
    "cluster.shd-max-threads": "4",
    "network.ping-timeout": "20",
    "client.tcp-user-timeout": "4",
    "client.keepalive-time": "2",
    "client.keepalive-interval": "1",
    "client.keepalive-count": "3",
    "server.tcp-user-timeout": "4",
    "server.keepalive-time": "3",
    "server.keepalive-interval": "1",
    "server.keepalive-count": "3",
};

/** What the programs on a host go by. */
export function sharedConfig(settings: SharedSettings, host: string): string {
    const { name, path, mode, group, hosts, arbiter } = settings;
    return `${JSON.stringify({ name, host, path, mode, group, hosts, arbiter, options: VOLUME }, null, 2)}\n`;
}
