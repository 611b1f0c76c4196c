/** What the API keeps on disk. Droplets, keys, actions and domain records draw their ids from the store's counter. */
export interface State {
    ownerId: string;
    droplets: Droplet[];
    vpcs: Vpc[];
    keys: Key[];
    tags: string[];
    firewalls: Firewall[];
    reservedIps: ReservedIp[];
    actions: Action[];
    projects: Project[];
    /** Which project holds a resource, by its URN. */
    projectOf: Record<string, { projectId: string; assignedAt: string }>;
    domains: Domain[];
}

export interface Droplet {
    id: number;
    name: string;
    region: string;
    size: string;
    image: string;
    /** In GB; a resize may leave it behind the size's. */
    disk: number;
    status: "new" | "active" | "off";
    locked: boolean;
    createdAt: string;
    features: string[];
    tags: string[];
    vpcId: string;
    publicAddress: string;
    anchorAddress: string;
    privateAddress: string;
    publicKeys: string[];
    userData: string | null;
}

export interface Vpc {
    id: string;
    name: string;
    description: string;
    region: string;
    ipRange: string;
    createdAt: string;
    isDefault: boolean;
}

export interface Key {
    id: number;
    name: string;
    fingerprint: string;
    publicKey: string;
}

export interface Target {
    addresses?: string[];
    tags?: string[];
    droplet_ids?: number[];
    load_balancer_uids?: string[];
    kubernetes_ids?: string[];
}

export interface InboundRule {
    protocol: "tcp" | "udp" | "icmp";
    ports: string;
    sources: Target;
}

export interface OutboundRule {
    protocol: "tcp" | "udp" | "icmp";
    ports: string;
    destinations: Target;
}

export interface Firewall {
    id: string;
    name: string;
    createdAt: string;
    inbound: InboundRule[];
    outbound: OutboundRule[];
    dropletIds: number[];
    tags: string[];
}

export interface ReservedIp {
    address: string;
    region: string;
    dropletId: number | null;
}

export interface Action {
    id: number;
    status: "in-progress" | "completed" | "errored";
    type: string;
    startedAt: string;
    completedAt: string | null;
    resourceId: number;
    resourceType: "droplet" | "reserved_ip";
    region: string;
    /** The droplet that can take no other event meanwhile. */
    dropletId: number | null;
    /** The address that a reserved IP's action is about. */
    address: string | null;
}

export interface Project {
    id: string;
    name: string;
    description: string;
    purpose: string;
    environment: string;
    isDefault: boolean;
    createdAt: string;
    updatedAt: string;
}

export interface DomainRecord {
    id: number;
    type: string;
    name: string;
    data: string;
    priority: number;
    port: number;
    ttl: number;
    weight: number;
    flags: number;
    tag: string | null;
}

export interface Domain {
    name: string;
    ttl: number;
    records: DomainRecord[];
}
