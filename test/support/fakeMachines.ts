import type {
    HostFirewall,
    HostSpec,
    Machines,
    PowerState,
    PrivateNetwork,
} from "../../local/machines/types.ts";

export interface FakeHost {
    spec: HostSpec;
    power: PowerState;
    firewall: HostFirewall | undefined;
}

export interface FakeMachines extends Machines {
    hosts: Map<number, FakeHost>;
    networks: Map<string, PrivateNetwork>;
    /** Holder of each reserved IP that was ever routed. */
    routes: Map<string, number | undefined>;
    /** What was asked, in order, such as "powerOff 1003". */
    calls: string[];
    /** Called before each of them; a test may wait or throw here. */
    before: (call: string) => Promise<void> | void;
    setPower(id: number, power: PowerState): void;
}

/** Machines that are only remembered. */
export function fakeMachines(): FakeMachines {
    const listeners: ((id: number, state: PowerState) => void)[] = [];
    const host = (id: number) => {
        const found = machines.hosts.get(id);
        if (!found) throw new Error(`there is no host ${id}`);
        return found;
    };
    async function called(name: string, ...args: unknown[]): Promise<void> {
        const call = [name, ...args].join(" ");
        machines.calls.push(call);
        await machines.before(call);
    }
    const machines: FakeMachines = {
        hosts: new Map(),
        networks: new Map(),
        routes: new Map(),
        calls: [],
        before: () => {},
        setPower(id, power) {
            host(id).power = power;
            for (const listener of listeners) listener(id, power);
        },
        async createHost(spec) {
            await called("createHost", spec.id);
            if (machines.hosts.has(spec.id)) throw new Error(`there is a host ${spec.id} already`);
            if (spec.networkId !== undefined && !machines.networks.has(spec.networkId))
                throw new Error(`there is no network ${spec.networkId}`);
            machines.hosts.set(spec.id, { spec, power: "on", firewall: undefined });
        },
        async destroyHost(id) {
            await called("destroyHost", id);
            machines.hosts.delete(id);
        },
        async powerOn(id) {
            await called("powerOn", id);
            machines.setPower(id, "on");
        },
        async powerOff(id) {
            await called("powerOff", id);
            machines.setPower(id, "off");
        },
        async shutdown(id) {
            await called("shutdown", id);
            machines.setPower(id, "off");
        },
        async reboot(id) {
            await called("reboot", id);
        },
        async resize(id, size) {
            await called("resize", id, size.memoryMb, size.vcpus);
            Object.assign(host(id).spec, size);
        },
        async setPrivateNetwork(id, place) {
            await called("setPrivateNetwork", id, place?.privateAddress ?? "none");
            if (host(id).power === "on") throw new Error(`host ${id} is on`);
            const { privateAddress, privatePrefix, networkId, ...rest } = host(id).spec;
            host(id).spec = { ...rest, ...place };
        },
        async createNetwork(network) {
            await called("createNetwork", network.ipRange);
            machines.networks.set(network.id, network);
        },
        async deleteNetwork(id) {
            await called("deleteNetwork");
            machines.networks.delete(id);
        },
        async setFirewall(id, firewall) {
            await called("setFirewall", id);
            host(id).firewall = firewall;
        },
        async routeReservedIp(address, hostId) {
            await called("routeReservedIp", address, hostId ?? "nowhere");
            if (hostId !== undefined) host(hostId);
            machines.routes.set(address, hostId);
        },
        powerState: (id) => machines.hosts.get(id)?.power,
        onPowerChange: (listener) => {
            listeners.push(listener);
        },
        close: () => {},
    };
    return machines;
}
