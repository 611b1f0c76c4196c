import { readFileSync } from "node:fs";
import type { Cloud } from "../../local/clouds/clouds.ts";
import { within } from "../../tools/waiting.ts";
import { power, pullPlug } from "../faults/hosts.ts";
import { writeTo } from "./databases.ts";
import { apiOf, onHost } from "./flagship.ts";

/** How late the private address is, and how long another program has the ports. */
const [LATE_SECONDS, BUSY_SECONDS] = [20, 30];
const UNIT = "troubled-boot";

/** Before anything else that listens. */
const unit = (ports: string[]) => `[Unit]
DefaultDependencies=no
Before=sysinit.target
ConditionPathExists=/root/${UNIT}.once
[Service]
Type=forking
ExecStart=/root/${UNIT}.py eth1 ${LATE_SECONDS} ${BUSY_SECONDS} ${ports.join(" ")}
[Install]
WantedBy=sysinit.target
`;

/**
 * Pulls a host's plug and boots it: it has its private address after 20 s only, and another program has some of its ports
 * (as "tcp/80") for 30 s. Gives what ends once both are over.
 */
export async function troubledBoot(
    cloud: Cloud,
    host: string,
    ports: string[],
): Promise<() => Promise<void>> {
    const on = (command: string) => onHost(cloud, host, command);
    const program = readFileSync(new URL("troubledBoot.py", import.meta.url), "utf8");
    await writeTo(cloud, host, `/root/${UNIT}.py`, program);
    await writeTo(cloud, host, `/etc/systemd/system/${UNIT}.service`, unit(ports));
    await on(`chmod 755 /root/${UNIT}.py && touch /root/${UNIT}.once && systemctl -q enable ${UNIT} && sync`);
    await pullPlug({ cloud }, host);
    await power({ cloud, api: apiOf(cloud) }, host, "on");
    return async () => {
        const said = () => on(`journalctl -q -o cat -b -u ${UNIT}`).catch(() => "");
        await within(BUSY_SECONDS + 30, `the troubles of ${host} to end`, async () =>
            (await said()).includes("the ports are free"),
        );
        await on(`systemctl -q disable ${UNIT}; rm /etc/systemd/system/${UNIT}.service /root/${UNIT}.py`);
    };
}

/** Units of a host that systemd holds for failed. */
export const failedUnits = (cloud: Cloud, host: string): Promise<string> =>
    onHost(cloud, host, "systemctl list-units --failed --plain --no-legend | cut -d ' ' -f 1");
