import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { down } from "../../../local/clouds/lifecycle.ts";
import type { Machines } from "../../../local/machines/types.ts";
import { cutHost } from "../../../local/network/cuts.ts";
import { addressIn } from "../../../local/network/slices.ts";
import { createLab, type Lab } from "./localCloud/lab.ts";
import { get, machineAddress, until, waitFor } from "./localCloud/probes.ts";
import { udpReceiver, udpSender, vrrpReceiver, vrrpSender } from "./localCloud/senders.ts";

const name = `test-${process.pid}`;
let lab: Lab;
let machines: Machines;
let specs: Lab["specs"];
let reserved: string;

beforeAll(async () => {
    lab = await createLab(name);
    ({ machines, specs } = lab);
    reserved = addressIn(lab.slice, 34);
});

afterAll(async () => {
    machines?.close();
    await down(name);
});

describe("a new host", () => {
    test("is reached by root's key and shows the host key of its user data", async () => {
        for (const { publicAddress, name } of specs)
            expect(await lab.ssh(publicAddress, "hostname")).toBe(name);
    });

    test("boots completely", async () => {
        expect(await lab.inside(0, "systemctl is-system-running --wait")).toBe("running");
        expect(await lab.inside(0, "cloud-init status")).toBe("status: done");
    });

    test("has files of its own where the container engine would have put mounts", async () => {
        const paths = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];
        for (const path of paths) {
            expect(
                await lab.inside(
                    0,
                    `cp ${path} ${path}.next && mv ${path}.next ${path} && findmnt ${path} || echo own`,
                ),
            ).toBe("own");
        }
    });

    test("may do what a droplet's root may: mounts of its own, packet rules, network settings", async () => {
        const overlay = "mount -t overlay overlay -o lowerdir=/etc:/usr/share /mnt && test -e /mnt/passwd";
        await lab.inside(0, `unshare --mount sh -c '${overlay}'`);
        await lab.inside(0, "nft add table inet probe && nft delete table inet probe");
        await lab.inside(0, "sysctl -w net.ipv4.ip_nonlocal_bind=1");
    });

    test("sees the size it was ordered with", async () => {
        expect(await lab.inside(0, "nproc")).toBe("1");
    });

    test("installs packages through the cache", async () => {
        await lab.inside(0, "apt-get install -y --no-install-recommends tree >/dev/null && tree --version");
    });

    test("reaches nothing outside of its cloud", async () => {
        const outside = await machineAddress();
        for (const target of [outside, lab.slice.machine, "192.88.99.1"]) {
            await expect(lab.inside(0, `curl -sS --max-time 3 http://${target}:22/`)).rejects.toThrow();
        }
    });
});

describe("the cloud firewall", () => {
    const anyone = ["0.0.0.0/0"];

    test("lets in what it names, answers to what goes out, and nothing else", async () => {
        const [host, other] = specs;
        await machines.setFirewall(host.id, {
            inbound: [
                { protocol: "tcp", ports: "22", peers: anyone },
                { protocol: "tcp", ports: "8000-8001", peers: [`${other.privateAddress}/32`] },
            ],
            outbound: [{ protocol: "tcp", ports: "8000", peers: anyone }],
        });
        expect(await lab.ssh(host.publicAddress, "echo in")).toBe("in");
        expect(await get(host.publicAddress)).toBeUndefined();
        expect(await lab.inside(1, `curl -s --max-time 3 http://${host.privateAddress}:8000/`)).toBe(
            host.name,
        );
        await expect(
            lab.inside(1, `curl -s --max-time 2 http://${host.publicAddress}:8000/`),
        ).rejects.toThrow();
        expect(await lab.inside(0, `curl -s --max-time 3 http://${other.publicAddress}:8000/`)).toBe(
            other.name,
        );
        await expect(lab.inside(0, `ping -c 1 -W 1 ${other.privateAddress}`)).rejects.toThrow();
    });

    test("lets no VRRP pass, for its rules cannot name it; taken away, it has no say any more", async () => {
        const heard = () => lab.inside(1, `timeout 5 python3 -c '${vrrpReceiver(specs[1].privateAddress)}'`);
        const say = () => lab.inside(0, `python3 -c '${vrrpSender(specs[0].privateAddress)}'`);
        const nothing = heard().catch(() => "nothing");
        await until(say, nothing);
        expect(await nothing).toBe("nothing");

        await machines.setFirewall(specs[0].id, undefined);
        const received = heard();
        await until(say, received);
        expect(await received).toBe(specs[0].privateAddress);
        expect(await get(specs[0].publicAddress)).toBe("web-0");
    });
});

describe("a reserved IP", () => {
    test("leads nowhere while no host holds it", async () => {
        expect(await get(reserved)).toBeUndefined();
    });

    test("leads to its holder, from outside and from other hosts, from the next packet on", async () => {
        for (const [holder, other] of [
            [0, 1],
            [1, 0],
        ] as const) {
            const start = performance.now();
            await machines.routeReservedIp(reserved, specs[holder].id);
            expect(performance.now() - start).toBeLessThan(500);
            expect(await get(reserved)).toBe(`web-${holder}`);
            expect(await lab.inside(other, `curl -s --max-time 3 http://${reserved}:8000/`)).toBe(
                `web-${holder}`,
            );
        }
    });

    test("is the source of what its holder sends from the anchor address", async () => {
        const [host, holder] = specs;
        const from = `curl -s --max-time 3 --interface ${holder.anchorAddress}`;
        await lab.inside(1, `${from} http://${host.publicAddress}:8000/?from-anchor`);
        expect(await lab.inside(0, "grep from-anchor /run/served/log")).toContain(reserved);
    });

    test("is let go", async () => {
        await machines.routeReservedIp(reserved, undefined);
        expect(await get(reserved)).toBeUndefined();
    });
});

describe("faults", () => {
    test.each([
        ["in", true],
        ["out", false],
        ["both", false],
    ] as const)("a host that is cut off (%s) is heard: %s; it comes back when healed", async (way, heard) => {
        await cutHost(name, specs[0].id, way);
        expect(await get(specs[0].publicAddress)).toBeUndefined();
        const marker = `cut-${way}`;
        const received = lab.inside(1, `timeout 3 python3 -c '${udpReceiver}' || echo nothing`);
        await until(
            () => lab.inside(0, `python3 -c '${udpSender(specs[1].privateAddress, marker)}'`),
            received,
        );
        expect(await received).toBe(heard ? marker : "nothing");
        await cutHost(name, specs[0].id, undefined);
        expect(await get(specs[0].publicAddress)).toBe("web-0");
    });
});

describe("power", () => {
    test("off is off at once and silent; on brings the same disk, addresses and firewall back", async () => {
        const [{ id, publicAddress }] = specs;
        await lab.inside(0, "echo kept > /root/file && sync && ip address add 203.0.113.99/32 dev eth1");
        await machines.setFirewall(id, {
            inbound: [{ protocol: "tcp", ports: "22", peers: ["0.0.0.0/0"] }],
            outbound: [],
        });
        await machines.powerOff(id);
        expect(machines.powerState(id)).toBe("off");
        expect((await execa("ip", ["netns", "list"])).stdout).not.toMatch(new RegExp(`${name}\\.${id}\\b`));
        await machines.powerOn(id);
        expect(await lab.ssh(publicAddress, "cat /root/file")).toBe("kept");
        expect(await lab.inside(0, "ip -br address show dev eth1")).not.toContain("203.0.113.99");
        await lab.serveName(0);
        expect(await get(publicAddress)).toBeUndefined();
        await machines.setFirewall(id, undefined);
        expect(await get(publicAddress)).toBe("web-0");
    });

    test("a reboot or poweroff from inside is noticed", async () => {
        const [{ id, publicAddress }] = specs;
        const states: string[] = [];
        machines.onPowerChange((of, state) => of === id && states.push(state));
        const before = await lab.inside(0, "cat /proc/1/stat | cut -d' ' -f22");
        await lab.inside(0, "systemctl reboot").catch(() => {});
        await waitFor(
            async () =>
                (await lab.inside(0, "cat /proc/1/stat | cut -d' ' -f22").catch(() => before)) !== before,
        );
        expect(await lab.ssh(publicAddress, "systemctl poweroff").catch(() => "closed")).toBeDefined();
        await waitFor(() => machines.powerState(id) === "off");
        expect(states.at(-1)).toBe("off");
        await machines.powerOn(id);
        expect(await lab.ssh(publicAddress, "hostname")).toBe("web-0");
    });

    test("another size takes effect at the next start", async () => {
        const [{ id }] = specs;
        await expect(machines.resize(id, { memoryMb: 2048, vcpus: 2 })).rejects.toThrow("is on");
        await machines.shutdown(id);
        await machines.resize(id, { memoryMb: 2048, vcpus: 2 });
        await machines.powerOn(id);
        expect(await lab.inside(0, "nproc")).toBe("2");
    });
});

test("plugging a host in or out disturbs no other host", async () => {
    await machines.powerOff(specs[0].id);
    expect(await get(specs[1].publicAddress)).toBe("web-1");
    await machines.powerOn(specs[0].id);
    expect(await get(specs[1].publicAddress)).toBe("web-1");
});

test("whoever opens the machines again finds them as they are", async () => {
    machines.close();
    machines = await lab.open();
    expect(specs.map(({ id }) => machines.powerState(id))).toEqual(["on", "on"]);
    await machines.routeReservedIp(reserved, specs[1].id);
    expect(await get(reserved)).toBe("web-1");
});

test("a host with the addresses of a former one is reached at once, at a reserved IP too", async () => {
    await machines.destroyHost(specs[1].id);
    specs = [specs[0], { ...specs[1], id: 1003 }];
    await machines.createHost(specs[1]);
    expect(await lab.ssh(specs[1].publicAddress, "hostname")).toBe("web-1");
    await lab.serveName(2);
    await machines.routeReservedIp(reserved, specs[1].id);
    expect(await get(reserved)).toBe("web-1");
});

test("after a restart of the machine everything that was on comes back", async () => {
    machines.close();
    await machines.powerOff(specs[0].id);
    await execa("podman", ["kill", `evenkeel-${name}-${specs[1].id}`]);
    await execa("ip", ["link", "delete", `evenkeel${lab.slice.index}`]);
    for (const namespace of await lab.namespaces()) await execa("ip", ["netns", "delete", namespace]);
    machines = await lab.open();
    expect(specs.map(({ id }) => machines.powerState(id))).toEqual(["off", "on"]);
    expect(await lab.ssh(reserved, "hostname")).toBe("web-1");
});

test("down leaves nothing behind, though a host is off and another one only half made", async () => {
    await execa("ip", ["netns", "add", `evenkeel.${name}.77`]);
    machines.close();
    expect(await lab.traces()).not.toEqual([]);
    expect(await down(name)).toBe(true);
    expect(await lab.traces()).toEqual([]);
    expect(await down(name)).toBe(false);
});
