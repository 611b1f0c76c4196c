import { spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cloudDirectory } from "../directories.ts";
import { names } from "../network/namespaces.ts";
import { Unable } from "../system/packages.ts";
import { type Cloud, writeCloud } from "./clouds.ts";

const PROGRAM = join(import.meta.dirname, "daemon.ts");
const ANSWER_SECONDS = 60;

const logFile = (cloud: Cloud) => join(cloudDirectory(cloud.name), "api.log");

export function isRunning(cloud: Cloud): boolean {
    if (cloud.pid === undefined) return false;
    try {
        const command = readFileSync(`/proc/${cloud.pid}/cmdline`, "utf8").split("\0");
        return command.some((word) => word.endsWith("clouds/daemon.ts")) && command.includes(cloud.name);
    } catch {
        return false;
    }
}

/** Starts the process detached from this one, and waits until the API answers. */
export async function startDaemon(cloud: Cloud): Promise<void> {
    const output = openSync(logFile(cloud), "a", 0o600);
    // exec keeps the process id, so the one that spawn tells is the program's own.
    const room = `--net=/run/netns/${names.switch(cloud.name)}`;
    const child = spawn("nsenter", [room, process.execPath, PROGRAM, cloud.name], {
        detached: true,
        stdio: ["ignore", output, output],
        cwd: "/",
    });
    child.unref();
    writeCloud({ ...cloud, pid: child.pid! });
    const deadline = Date.now() + ANSWER_SECONDS * 1000;
    while (!(await answers(cloud))) {
        if (child.exitCode !== null || child.signalCode !== null)
            throw new Unable(`The API ended at once:\n${lastLines(cloud)}`);
        if (Date.now() > deadline) {
            throw new Unable(
                `The API does not answer at ${cloud.apiUrl} after ${ANSWER_SECONDS} s:\n${lastLines(cloud)}`,
            );
        }
        await sleep(100);
    }
}

/** Ends the process by its own id, after a look at whose it is. */
export async function stopDaemon(cloud: Cloud): Promise<void> {
    if (!isRunning(cloud)) return;
    process.kill(cloud.pid!, "SIGTERM");
    for (let tries = 0; isRunning(cloud); tries++) {
        if (tries === 100) process.kill(cloud.pid!, "SIGKILL");
        await sleep(100);
    }
}

export async function answers(cloud: Cloud): Promise<boolean> {
    try {
        const response = await fetch(`${cloud.apiUrl}/v2/account`, {
            headers: { authorization: `Bearer ${cloud.token}` },
            signal: AbortSignal.timeout(2000),
        });
        await response.body?.cancel();
        return response.ok;
    } catch {
        return false;
    }
}

function lastLines(cloud: Cloud): string {
    const lines = readFileSync(logFile(cloud), "utf8").trimEnd().split("\n").slice(-15);
    return [...lines, `(${logFile(cloud)})`].join("\n");
}
