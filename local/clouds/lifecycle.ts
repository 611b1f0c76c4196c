import { rmSync } from "node:fs";
import { join } from "node:path";
import { startPackageCache, stopPackageCache } from "../cache/packageCache.ts";
import { cacheDirectory, cloudDirectory } from "../directories.ts";
import { withLock } from "../lock.ts";
import { containersOf, removeContainers } from "../machines/container.ts";
import { ensureImage, removeImages } from "../machines/image.ts";
import { deleteCloudNetwork, ensureCloudNetwork } from "../network/cloudNetwork.ts";
import { listNamespaces } from "../network/namespaces.ts";
import { slice } from "../network/slices.ts";
import { step } from "../progress.ts";
import { tellingFullDisk } from "../system/fullDisk.ts";
import { checkSystem, prepareSystem } from "../system/packages.ts";
import { checkRoom } from "../system/room.ts";
import { type Cloud, claimCloud, listClouds, readCloud } from "./clouds.ts";
import { answers, isRunning, startDaemon, stopDaemon } from "./daemonProcess.ts";

interface Up {
    cloud: Cloud;
    wasUp: boolean;
}

/** Brings the cloud up; what is up already is left as it is. */
export function up(name: string): Promise<Up> {
    return tellingFullDisk(async () => {
        await prepareSystem();
        // What is there has its room.
        if (!readCloud(name)) await checkRoom();
        await startPackageCache();
        return start(await claimCloud(name, await ensureImage()));
    });
}

function start(cloud: Cloud): Promise<Up> {
    const { name } = cloud;
    return withLockOf(name, async () => {
        const present = readCloud(name) ?? cloud;
        if (isRunning(present) && (await answers(present))) return { cloud: present, wasUp: true };
        await step(`Starting the cloud "${name}"`, async () => {
            await stopDaemon(present);
            await ensureCloudNetwork(name, slice(present.slice));
            await startDaemon(present);
        });
        return { cloud: readCloud(name)!, wasUp: false };
    });
}

/** Removes whatever this cloud made, however far it came; false when there was nothing. */
export async function down(name: string): Promise<boolean> {
    // Where the local cloud's own programs are missing, nothing of it can be running.
    if (checkSystem().length > 0) return forgotten(name);
    const removed = await withLockOf(name, async () => {
        const cloud = readCloud(name);
        const containers = await containersOf(name);
        const namespaces = await listNamespaces(name);
        if (!cloud && containers.length + namespaces.length === 0) return false;
        if (cloud) await stopDaemon(cloud);
        if (containers.length > 0) await removeContainers(...containers);
        await deleteCloudNetwork(name, cloud && slice(cloud.slice));
        rmSync(cloudDirectory(name), { recursive: true, force: true });
        return true;
    });
    if (listClouds().length === 0) await stopPackageCache();
    return removed;
}

/** What is left of a cloud is what is kept of it. */
function forgotten(name: string): boolean {
    const wasKept = readCloud(name) !== undefined;
    rmSync(cloudDirectory(name), { recursive: true, force: true });
    return wasKept;
}

/** Removes the image and the package cache too, which other clouds must not be using. */
export async function purge(): Promise<string[]> {
    const others = listClouds().map(({ name }) => name);
    if (others.length > 0) return others;
    await stopPackageCache();
    await removeImages();
    for (const part of ["packages", "image"]) {
        rmSync(join(cacheDirectory(), part), { recursive: true, force: true });
    }
    return [];
}

const withLockOf = <Result>(name: string, work: () => Promise<Result>) =>
    withLock(`cloud-${name}`, `another command on the cloud "${name}"`, work);
