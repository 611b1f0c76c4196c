import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import ssh2 from "ssh2";
import { startPackageCache } from "../../../../local/cache/packageCache.ts";
import { claimCloud } from "../../../../local/clouds/clouds.ts";
import { cloudDirectory } from "../../../../local/directories.ts";
import { containerName, containersOf } from "../../../../local/machines/container.ts";
import { ensureImage } from "../../../../local/machines/image.ts";
import { openMachines } from "../../../../local/machines/machines.ts";
import type { HostSpec, PrivatePlace } from "../../../../local/machines/types.ts";
import { listNamespaces, names } from "../../../../local/network/namespaces.ts";
import { addressIn, slice } from "../../../../local/network/slices.ts";
import { prepareSystem } from "../../../../local/system/packages.ts";
import { keyPair } from "../../../support/sshServer.ts";

const NETWORK = "5a4981aa-9653-4bd1-bef5-d6bff52042e4";
const SSH_SECONDS = 60;

export type Lab = Awaited<ReturnType<typeof createLab>>;

/** A cloud of machines without an API, with two hosts that tell their names on port 8000. */
export async function createLab(name: string) {
    await prepareSystem();
    await startPackageCache();
    const cloud = await claimCloud(name, await ensureImage());
    const own = slice(cloud.slice);
    const [userKey, hostKey] = [keyPair(), keyPair()];
    const log = (line: string) => console.log(line);
    const stateDir = cloudDirectory(name);
    const open = () => openMachines({ cloud: name, slice: own, stateDir, image: cloud.image, log });
    const specs = [hostSpec(0), hostSpec(1)] as const;

    function hostSpec(index: number): HostSpec & PrivatePlace {
        return {
            id: 1001 + index,
            name: `web-${index}`,
            publicAddress: addressIn(own, 2 + index),
            publicPrefix: own.hostPrefix,
            gateway: own.gateway,
            anchorAddress: `10.19.0.${5 + index}`,
            anchorPrefix: 16,
            privateAddress: `10.100.0.${2 + index}`,
            privatePrefix: 20,
            networkId: NETWORK,
            memoryMb: 1024,
            vcpus: 1,
            publicKeys: [userKey.publicKey],
            userData: `#cloud-config\n${JSON.stringify({
                ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey },
            })}\n`,
        };
    }

    /** A command in the host's console. */
    async function inside(index: number, command: string): Promise<string> {
        const { stdout } = await execa("podman", [
            "exec",
            containerName(name, 1001 + index),
            "bash",
            "-c",
            command,
        ]);
        return stdout.trim();
    }

    /** A command over SSH, once it answers; only the host key that the host was born with will do. */
    async function ssh(address: string, command: string): Promise<string> {
        const deadline = Date.now() + SSH_SECONDS * 1000;
        for (;;) {
            try {
                return await sshOnce(address, command, userKey.privateKey, hostKey.publicKey);
            } catch (error) {
                if (
                    Date.now() > deadline ||
                    !/ECONNREFUSED|EHOSTUNREACH|ETIMEDOUT|Timed out/.test(`${error}`)
                )
                    throw error;
                await sleep(200);
            }
        }
    }

    async function serveName(index: number): Promise<void> {
        const serve = "cd /run/served && hostname > index.html && exec python3 -m http.server 8000 2>>log";
        await inside(index, `mkdir -p /run/served && systemd-run --quiet --unit=served bash -c "${serve}"`);
        await inside(index, "until curl -s -o /dev/null http://127.0.0.1:8000/; do sleep 0.1; done");
    }

    /** Whatever of this cloud can be seen on the machine. */
    async function traces(): Promise<string[]> {
        const shown = await Promise.all([
            execa("ip", ["-brief", "link"]),
            execa("ip", ["route", "show", "table", "all"]),
            execa("nft", ["list", "tables"]),
        ]);
        const mine = new RegExp(`\\b(${names.machineLink(own.index)}|${own.cidr}|evenkeel\\.${name})\\b`);
        return [
            ...shown.flatMap(({ stdout }) => stdout.split("\n")).filter((line) => mine.test(line)),
            ...(await listNamespaces(name)),
            ...(await containersOf(name)),
            ...(existsSync(stateDir) ? [stateDir] : []),
        ];
    }

    const machines = await open();
    await machines.createNetwork({ id: NETWORK, ipRange: "10.100.0.0/20" });
    await Promise.all(specs.map((spec) => machines.createHost(spec)));
    await Promise.all([0, 1].map((index) => serveWhenBooted(index)));

    async function serveWhenBooted(index: number): Promise<void> {
        await ssh(specs[index]!.publicAddress, "true");
        await serveName(index);
    }

    return {
        slice: own,
        machines,
        specs,
        open,
        inside,
        ssh,
        serveName,
        traces,
        namespaces: () => listNamespaces(name),
    };
}

function sshOnce(address: string, command: string, key: string, hostKey: string): Promise<string> {
    const expected = hostKey.split(" ")[1];
    const client = new ssh2.Client();
    return new Promise<string>((resolve, reject) => {
        client.on("error", reject);
        client.on("close", () => reject(new Error("the connection was closed")));
        client.on("ready", () => {
            client.exec(command, (error, stream) => {
                if (error) return reject(error);
                let output = "";
                stream.on("data", (chunk: Buffer) => {
                    output += chunk;
                });
                stream.on("close", () => resolve(output.trim()));
            });
        });
        client.connect({
            host: address,
            username: "root",
            privateKey: key,
            readyTimeout: 10_000,
            hostVerifier: (key: Buffer) => key.toString("base64") === expected,
        });
    }).finally(() => client.end());
}
