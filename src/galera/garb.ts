import { groupOptions, providerOptions } from "./mariadb.ts";

/** Where an arbitrator has the cluster's authority and its own certificate; the key is handed over when it starts. */
export const GARB_TLS = {
    ca: "/etc/evenkeel/arbitrator/ca.pem",
    cert: "/etc/evenkeel/arbitrator/cert.pem",
    key: "/run/garb/key.pem",
};

export interface GarbSettings {
    /** The arbitrator's own host. */
    host: string;
    cluster: string;
    members: string[];
    /** The members' port for replication, and the arbitrator's own. */
    port: number;
    /** As the members have it. */
    suspectTimeout: number;
}

/** /etc/default/garb, which Debian's unit reads. */
export function garbDefaults({ host, cluster, members, port, suspectTimeout }: GarbSettings): string {
    const options = {
        "gmcast.listen_addr": `ssl://{{address ${host}}}:${port}`,
        ...groupOptions(suspectTimeout, GARB_TLS),
    };
    return `GALERA_NODES="${members.map((member) => `${member}:${port}`).join(" ")}"
GALERA_GROUP="${cluster}"
GALERA_OPTIONS="${providerOptions(options)}"
# Emptied at every start: what it knew of a former group is nobody's vote.
WORK_DIR="/run/garb"
`;
}
