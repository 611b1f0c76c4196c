import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { METADATA_ADDRESS } from "./metadata.ts";
import { addressIn, type Slice } from "./slices.ts";

/** The side of the sessions that is not the cloud's. */
export interface BgpAccount {
    asn: number;
    password: string;
}

/** A private number of four bytes, as Vultr gives to accounts without one of their own. */
export const LOCAL_ASN = 4_288_000_001;

/** Vultr's, whose routers say nothing of themselves but this and where they are. */
const CLOUD_ASN = 64_515;

/**
 * The cloud's router, in the switch, where this process is: hosts announce reserved IPs to it by BGP. One that is attached to a host
 * goes there all the same, as its route stands before those of BIRD's. Returns what ends it.
 */
export function startRouter(
    slice: Slice,
    stateDir: string,
    account: BgpAccount,
    log: (line: string) => void,
): () => void {
    const [config, socket] = [join(stateDir, "bird.conf"), join(stateDir, "bird.socket")];
    writeFileSync(config, routerConfig(slice, account), { mode: 0o600 });
    rmSync(socket, { force: true });
    // It ends with this process, however that ends: another one would have its address.
    const command = ["--pdeathsig", "TERM", "bird", "-f", "-c", config, "-s", socket];
    const bird = spawn("setpriv", command, { stdio: ["ignore", "ignore", "pipe"] });
    bird.stderr.on("data", (text: Buffer) => log(`router: ${text.toString().trimEnd()}`));
    bird.on("error", (error) => log(`router: ${error.message}`));
    bird.on("exit", (code) => log(`router: ended with ${code}`));
    return () => bird.kill();
}

function routerConfig(slice: Slice, { asn, password }: BgpAccount): string {
    return `log stderr { warning, remote, error, fatal, bug };
router id ${slice.gateway};

protocol device {
}

# Where hosts are, so that what they announce is known to be next to this.
protocol direct {
    ipv4;
    interface "public";
}

protocol kernel {
    ipv4 {
        import none;
        export where source = RTS_BGP;
    };
}

protocol bgp hosts {
    local ${METADATA_ADDRESS} as ${CLOUD_ASN};
    neighbor range ${addressIn(slice, 0)}/${slice.hostPrefix} as ${asn};
    dynamic name "host";
    multihop 2;
    password "${password}";
    error wait time 1, 2;
    ipv4 {
        import where net ~ [ ${addressIn(slice, 32)}/27{32,32} ];
        export none;
    };
}
`;
}
