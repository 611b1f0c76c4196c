import { statSync } from "node:fs";
import { execa } from "execa";
import { names } from "../network/namespaces.ts";
import type { HostRecord } from "./record.ts";

const ENVIRONMENT = { HOME: "/root", PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

/**
 * Of all namespaces, without a fork: the shell is no process of the host's, its children are, and it waits for them however they
 * end. A child of nsenter's stops nsenter when the host's shutdown stops all processes; nobody takes notice of that child's end
 * then, and the host never goes down.
 */
const JOIN = ["--all", "--no-fork", "--wdns=/"];

/** Node's own is a socket, which programs cannot open as /dev/stdin. */
const THROUGH_A_PIPE = 'cat | bash -c "$1"';

/**
 * Runs a command as root on a host that is on, past network and SSH, and gives what it prints. It joins the namespaces
 * of the host's init, which costs 15 ms where the container engine's exec takes a tenth of a second of processor time.
 */
export async function runInside(
    cloud: string,
    { spec, init }: HostRecord,
    command: string,
    input = "",
): Promise<string> {
    if (init === undefined || !isInitOf(cloud, spec.id, init)) throw new Error(`${spec.name} is not running`);
    const { stdout } = await execa(
        "nsenter",
        [`--target=${init}`, ...JOIN, "--", "bash", "-c", THROUGH_A_PIPE, "bash", command],
        { env: ENVIRONMENT, extendEnv: false, input },
    );
    return stdout;
}

/** A process id may be another program's by now, on the machine itself: then nothing is run. */
function isInitOf(cloud: string, id: number, init: number): boolean {
    const inode = (path: string) => statSync(path, { throwIfNoEntry: false })?.ino;
    const own = inode(`/run/netns/${names.host(cloud, id)}`);
    return own !== undefined && own === inode(`/proc/${init}/ns/net`);
}
