import type { Cloud } from "../../local/clouds/clouds.ts";
import { cloudDirectory } from "../../local/directories.ts";
import { runInside } from "../../local/machines/inside.ts";
import { readMachines } from "../../local/machines/record.ts";

/** Begins each line of them; the runner tells these again at its end (tools/test/report.ts). */
const LAST_WORDS = "last words of";
const LONGEST = 180;

/** What has run for long and has not ended, and what the library's units and MariaDB said last. */
const ASK = `timeout 20 bash -c '
systemctl list-jobs --plain --no-legend | head -n 4
ps -eo etimes,args --no-headers | awk "\\$1 > 15" | grep -E "lib/evenkeel/|apt-get|dpkg|systemctl" | grep -vE "grep|awk" | cut -c 1-150 | head -n 6
journalctl -q -o short-iso --no-hostname -n 5 -u "evenkeel-*" -u mariadb
'`;

/** What the hosts of a cloud were doing, for whoever finds out later why a stack did not come up: its hosts are gone by then. */
export async function lastWords(cloud: Cloud): Promise<string> {
    const hosts = Object.values(readMachines(cloudDirectory(cloud.name)).hosts);
    const said = hosts.map(async (host) => {
        const text = await runInside(cloud.name, host, ASK).catch(
            (error) => String(error).split("\n", 1)[0]!,
        );
        return text
            .split("\n")
            .filter(Boolean)
            .map((line) => `${LAST_WORDS} ${host.spec.name}: ${line.slice(0, LONGEST)}`);
    });
    return (await Promise.all(said)).flat().join("\n");
}
