import { cloudDirectory } from "../directories.ts";
import { openMachines } from "../machines/machines.ts";
import { LOCAL_ASN, startRouter } from "../network/router.ts";
import { slice } from "../network/slices.ts";
import { startApis } from "./apis.ts";
import { readCloud } from "./clouds.ts";

/**
 * The process behind a local cloud: its machines and the APIs above them. It is started in the network namespace of
 * the cloud's switch, where the gateway address is; its output is the cloud's api.log.
 */
const name = process.argv[2] ?? "";
const cloud = readCloud(name);
if (!cloud) throw new Error(`there is no cloud "${name}"`);

const log = (line: string) => console.log(`${new Date().toISOString()} ${line}`);
const stateDir = cloudDirectory(name);
const ownSlice = slice(cloud.slice);

const bgp = { asn: LOCAL_ASN, password: cloud.bgpPassword };

log("starting");
const machines = await openMachines({ cloud: name, slice: ownSlice, stateDir, image: cloud.image, log });
const apis = await startApis({
    machines,
    slice: ownSlice,
    stateDir,
    gateway: ownSlice.gateway,
    log,
    digitalocean: {
        token: cloud.token,
        failoverToken: cloud.failoverToken,
        port: Number(new URL(cloud.apiUrl).port),
    },
    proxy: { port: Number(new URL(cloud.proxyUrl).port) },
    vultr: { key: cloud.vultrKey, bgp, port: Number(new URL(cloud.vultrUrl).port) },
});
const endRouter = startRouter(ownSlice, stateDir, bgp, log);
log(`answering at ${cloud.apiUrl} and ${cloud.vultrUrl}`);

let ending = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
        if (ending) return;
        ending = true;
        log(`ending on ${signal}`);
        endRouter();
        machines.close();
        void apis.close().finally(() => process.exit(0));
    });
}
