/** What a cloud's API asks of the machines beneath it. Addresses are plain dotted quads, prefixes are bit counts. */
export interface Machines {
    /** Boots a host; resolves when its init runs and its interfaces are up, rejects with the reason it did not. */
    createHost(spec: HostSpec): Promise<void>;
    /** Removes the host and everything made for it. Removing what is gone already is no error. */
    destroyHost(id: number): Promise<void>;
    powerOn(id: number): Promise<void>;
    /** Pulls the plug: every process of the host ends at once. */
    powerOff(id: number): Promise<void>;
    /** Asks the host's init to shut down, and waits until it is off. */
    shutdown(id: number): Promise<void>;
    reboot(id: number): Promise<void>;
    /** Applies another memory and processor limit; the host is off. */
    resize(id: number, size: HostSize): Promise<void>;
    /** Puts the host into another private network, or into none; it is off. */
    setPrivateNetwork(id: number, place: PrivatePlace | undefined): Promise<void>;
    createNetwork(network: PrivateNetwork): Promise<void>;
    deleteNetwork(id: string): Promise<void>;
    /** Replaces the cloud firewall of a host: only these rules let new connections pass; undefined means no firewall. */
    setFirewall(id: number, firewall: HostFirewall | undefined): Promise<void>;
    /**
     * Sends a reserved IP's traffic to a host, or nowhere: to the host's anchor address if it has one; as it is if not,
     * for a host that has made the address one of its own.
     */
    routeReservedIp(address: string, hostId: number | undefined): Promise<void>;
    /** Whether the host runs; undefined when there is no such host. */
    powerState(id: number): PowerState | undefined;
    /** Told whenever a host goes on or off, be it asked for, from inside the host, or by a fault. */
    onPowerChange(listener: (id: number, state: PowerState) => void): void;
    /** Stops watching; hosts go on running. */
    close(): void;
}

export type PowerState = "on" | "off";

export interface HostSize {
    memoryMb: number;
    vcpus: number;
}

export interface PrivateNetwork {
    /** The VPC's id. */
    id: string;
    /** As CIDR, such as 10.114.0.0/20. */
    ipRange: string;
}

export interface PrivatePlace {
    privateAddress: string;
    privatePrefix: number;
    networkId: string;
}

/** Without a place in a private network, nothing is plugged into the host's second interface. */
export interface HostSpec extends HostSize, Partial<PrivatePlace> {
    /** Unique within the cloud. */
    id: number;
    /** What its provider calls it, where that is not the number. */
    instanceId?: string;
    name: string;
    publicAddress: string;
    publicPrefix: number;
    gateway: string;
    /** Second address of the public interface: where traffic for a reserved IP arrives. */
    anchorAddress?: string;
    anchorPrefix?: number;
    /** Cloud-init user data, as given. */
    userData: string | undefined;
    /** Lines for root's authorized_keys. */
    publicKeys: string[];
}

export interface HostFirewall {
    /** Where a cloud filters no more than that: what comes in from outside. The private network is open then. */
    publicInboundOnly?: true;
    inbound: FirewallRule[];
    outbound: FirewallRule[];
}

/** One allowance; tags and droplet ids are resolved to addresses before they get here. */
export interface FirewallRule {
    protocol: "tcp" | "udp" | "icmp" | "gre" | "esp" | "ah";
    /** "22", "8000-9000" or "all"; tcp and udp only. */
    ports: string;
    /** CIDRs or addresses of the other side, IPv4 only. */
    peers: string[];
}
