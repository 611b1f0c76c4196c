import { rmSync } from "node:fs";
import { join } from "node:path";
import { deleteBridge, ensureBridge, ensureCloudNetwork, setReservedIps } from "../network/cloudNetwork.ts";
import { applyFirewall } from "../network/firewall.ts";
import { connectHost, disconnectHost, unplugHost } from "../network/hostNetwork.ts";
import { listNamespaces, names } from "../network/namespaces.ts";
import type { Slice } from "../network/slices.ts";
import {
    containerState,
    killContainer,
    removeContainer,
    runContainer,
    signalContainer,
    startContainer,
} from "./container.ts";
import { lines } from "./lines.ts";
import { type HostRecord, readMachines, writeMachines } from "./record.ts";
import { writeSeed } from "./seed.ts";
import type { Machines, PowerState } from "./types.ts";
import { watchInits } from "./watch.ts";

export interface MachinesOptions {
    /** The cloud's name. */
    cloud: string;
    slice: Slice;
    /** Where the record and the seeds of the hosts are kept. */
    stateDir: string;
    /** The host image. */
    image: string;
    /** Told what happened without having been asked for. */
    log?: (line: string) => void;
}

const SHUTDOWN_SECONDS = 60;
const POWEROFF_SIGNAL = "SIGRTMIN+4";
/** How an init that was told to reboot ends, as reboot(2) has it for process namespaces: by SIGHUP. */
const REBOOT_EXIT = 129;

/** Hosts as containers of the whole system, each in its pair of network namespaces. */
export async function openMachines(options: MachinesOptions): Promise<Machines> {
    const { cloud, slice, stateDir, image, log = () => {} } = options;
    const record = readMachines(stateDir);
    const inLine = lines<number | "reserved">();
    const listeners: Array<(id: number, state: PowerState) => void> = [];
    const watcher = watchInits((id) => {
        inLine(id, () => hostEnded(id)).catch((error) => log(`host ${id} ended, and then: ${error}`));
    });

    const save = () => writeMachines(stateDir, record);
    const seedOf = (id: number) => join(stateDir, "hosts", `${id}`, "seed");

    function host(id: number): HostRecord {
        const found = record.hosts[id];
        if (found === undefined) throw new Error(`there is no host ${id}`);
        return found;
    }

    function setPower(id: number, state: PowerState): void {
        if (host(id).power === state) return;
        host(id).power = state;
        save();
        for (const listener of listeners) listener(id, state);
    }

    function begun(id: number, init: number): void {
        host(id).init = init;
        watcher.watch(id, init);
        save();
        setPower(id, "on");
    }

    async function create(id: number): Promise<void> {
        const { spec, firewall } = host(id);
        writeSeed(seedOf(id), spec);
        await connectHost(cloud, spec, firewall);
        begun(id, await runContainer(cloud, spec, seedOf(id), image));
    }

    async function destroy(id: number): Promise<void> {
        watcher.forget(id);
        await unplugHost(cloud, id);
        await removeContainer(cloud, id);
        await disconnectHost(cloud, id);
        rmSync(join(stateDir, "hosts", `${id}`), { recursive: true, force: true });
        delete record.hosts[id];
        await letGoOf(id);
        save();
    }

    /** Nothing may go to the anchor address of a host that is gone: the next host could get the same. */
    async function letGoOf(id: number): Promise<void> {
        const held = Object.keys(record.reservedIps).filter((address) => record.reservedIps[address] === id);
        for (const address of held) delete record.reservedIps[address];
        if (held.length > 0) await inLine("reserved", applyReservedIps);
    }

    async function start(id: number): Promise<void> {
        const { spec, firewall } = host(id);
        await disconnectHost(cloud, id);
        await connectHost(cloud, spec, firewall);
        begun(id, await startContainer(cloud, spec));
    }

    async function stop(id: number): Promise<void> {
        watcher.forget(id);
        // The cables first: a host without power says no goodbye to its connections.
        await unplugHost(cloud, id);
        await killContainer(cloud, id);
        await disconnectHost(cloud, id);
        setPower(id, "off");
    }

    async function end(id: number): Promise<void> {
        await signalContainer(cloud, id, POWEROFF_SIGNAL);
        const deadline = Date.now() + SHUTDOWN_SECONDS * 1000;
        while ((await containerState(cloud, id))?.running) {
            if (Date.now() > deadline) {
                throw new Error(`host ${id} did not shut down within ${SHUTDOWN_SECONDS} s`);
            }
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        await disconnectHost(cloud, id);
        setPower(id, "off");
    }

    async function hostEnded(id: number): Promise<void> {
        if (record.hosts[id]?.power !== "on") return;
        const state = await containerState(cloud, id);
        if (state?.running) return begun(id, state.init);
        if (state?.exitCode === REBOOT_EXIT) {
            log(`host ${id} rebooted itself`);
            return start(id);
        }
        log(`host ${id} went off`);
        await disconnectHost(cloud, id);
        setPower(id, "off");
    }

    async function applyReservedIps(): Promise<void> {
        const [anchors, holders] = [new Map<string, string>(), new Map<string, string>()];
        for (const [address, id] of Object.entries(record.reservedIps)) {
            const holder = record.hosts[id]?.spec;
            if (holder?.anchorAddress !== undefined) anchors.set(address, holder.anchorAddress);
            else if (holder) holders.set(address, holder.publicAddress);
        }
        await setReservedIps(cloud, anchors, holders);
    }

    /** Brings back what the record knows, after this process or the whole machine was down. */
    async function restore(): Promise<void> {
        await ensureCloudNetwork(cloud, slice);
        for (const id of Object.keys(record.networks)) await ensureBridge(cloud, id);
        await applyReservedIps();
        const namespaces = await listNamespaces(cloud);
        const ids = Object.keys(record.hosts).map(Number);
        await Promise.all(
            ids.map((id) => inLine(id, () => restoreHost(id, namespaces.includes(names.host(cloud, id))))),
        );
    }

    async function restoreHost(id: number, connected: boolean): Promise<void> {
        const state = await containerState(cloud, id);
        if (state === undefined) {
            log(`host ${id} has lost its container`);
            record.hosts[id] = { ...host(id), power: "off" };
            return;
        }
        if (connected) return state.running ? begun(id, state.init) : hostEnded(id);
        // Its network went with the machine's last run, not by a power-off of its own.
        if (state.running) await killContainer(cloud, id);
        if (host(id).power === "on") await start(id);
    }

    await restore();
    return {
        createHost: (spec) =>
            inLine(spec.id, async () => {
                // What an interrupted attempt left behind.
                if (record.hosts[spec.id] !== undefined) await destroy(spec.id);
                record.hosts[spec.id] = { spec, power: "off" };
                save();
                await create(spec.id).catch(async (error) => {
                    await destroy(spec.id);
                    throw error;
                });
            }),

        destroyHost: (id) => inLine(id, () => destroy(id)),

        powerOn: (id) => inLine(id, () => (host(id).power === "on" ? Promise.resolve() : start(id))),
        powerOff: (id) => inLine(id, () => (host(id).power === "off" ? Promise.resolve() : stop(id))),
        shutdown: (id) => inLine(id, () => (host(id).power === "off" ? Promise.resolve() : end(id))),

        reboot: (id) =>
            inLine(id, async () => {
                if (host(id).power === "on") await end(id);
                await start(id);
            }),

        resize: (id, { memoryMb, vcpus }) =>
            inLine(id, async () => {
                if (host(id).power === "on") throw new Error(`host ${id} is on`);
                Object.assign(host(id).spec, { memoryMb, vcpus });
                save();
            }),

        setPrivateNetwork: (id, place) =>
            inLine(id, async () => {
                if (host(id).power === "on") throw new Error(`host ${id} is on`);
                const { privateAddress, privatePrefix, networkId, ...rest } = host(id).spec;
                host(id).spec = { ...rest, ...place };
                save();
            }),

        async createNetwork(network) {
            record.networks[network.id] = network;
            save();
            await ensureBridge(cloud, network.id);
        },

        async deleteNetwork(id) {
            await deleteBridge(cloud, id);
            delete record.networks[id];
            save();
        },

        setFirewall: (id, firewall) =>
            inLine(id, async () => {
                const present = host(id);
                if (firewall === undefined) delete present.firewall;
                else present.firewall = firewall;
                save();
                if (present.power === "on") await applyFirewall(cloud, id, present.spec.gateway, firewall);
            }),

        routeReservedIp: (address, hostId) =>
            inLine("reserved", async () => {
                if (hostId !== undefined) host(hostId);
                if (hostId === undefined) delete record.reservedIps[address];
                else record.reservedIps[address] = hostId;
                save();
                await applyReservedIps();
            }),

        powerState: (id) => record.hosts[id]?.power,

        onPowerChange: (listener) => void listeners.push(listener),

        close: () => watcher.close(),
    };
}
