/** What the API keeps on disk. */
export interface State {
    instances: Instance[];
    vpcs: Vpc[];
    keys: Key[];
    scripts: StartupScript[];
    groups: FirewallGroup[];
    reservedIps: ReservedIp[];
    domains: Domain[];
}

export interface Instance {
    id: string;
    /** Its number among the hosts of the local cloud. */
    hostId: number;
    label: string;
    hostname: string;
    region: string;
    plan: string;
    osId: number;
    tags: string[];
    features: string[];
    status: "pending" | "active" | "resizing" | "suspended";
    createdAt: string;
    address: string;
    groupId: string;
    vpc: { id: string; address: string } | null;
    publicKeys: string[];
    /** Not in base64 any more. */
    userData: string;
    script: string;
    backups: BackupSchedule | null;
    /** Destroyed for its owner; kept until its host is gone and its address free. */
    isEnding: boolean;
}

export interface BackupSchedule {
    type: string;
    hour: number;
    dow: number;
    dom: number;
}

export interface Vpc {
    id: string;
    region: string;
    description: string;
    subnet: string;
    mask: number;
    createdAt: string;
}

export interface Key {
    id: string;
    name: string;
    publicKey: string;
    createdAt: string;
}

export interface StartupScript {
    id: string;
    name: string;
    type: "boot" | "pxe";
    /** In base64, as it was given. */
    script: string;
    createdAt: string;
    modifiedAt: string;
}

export interface FirewallGroup {
    id: string;
    description: string;
    createdAt: string;
    modifiedAt: string;
    rules: FirewallRule[];
    /** Rules are numbered within their group. */
    lastRule: number;
}

export interface FirewallRule {
    id: number;
    ipType: "v4" | "v6";
    protocol: "tcp" | "udp" | "icmp" | "gre" | "esp" | "ah";
    subnet: string;
    size: number;
    /** "22" or "8000:9000"; empty where the protocol has none. */
    port: string;
    source: string;
    notes: string;
}

export interface ReservedIp {
    id: string;
    address: string;
    region: string;
    label: string;
    instanceId: string | null;
}

export interface DomainRecord {
    id: string;
    type: string;
    name: string;
    data: string;
    priority: number;
    ttl: number;
}

export interface Domain {
    name: string;
    createdAt: string;
    dnsSec: boolean;
    records: DomainRecord[];
}
