import type * as pulumi from "@pulumi/pulumi";
import type { PlannedWork } from "../clouds/cloud.ts";
import { word } from "./roleText.ts";
import { dial, execute } from "./ssh.ts";
import { Turns } from "./turns.ts";

/** Of all hosts of this process, whatever their component: they may serve each other. */
const turns = new Turns();
/** Failed attempts to get in: where it runs, and where it boots. */
const RETRIES = { running: 3, booting: 60 };

/** A key pair by which a host is known, and one by which it knows who may enter. */
interface Keys {
    privateKey: pulumi.Input<string>;
    hostKey: pulumi.Input<string>;
}

/**
 * A cloud changes a host's size with the power off, and the engine would have all hosts of a component do so at once. This
 * has each take its turn: out of service first, and well again before the next one goes.
 */
export function inTurnOutOfService(name: string, keys: pulumi.Output<pulumi.Unwrap<Keys>>): PlannedWork {
    const failing = (error: Error) => {
        turns.fail(name);
        throw error;
    };
    return {
        async before(address) {
            await turns.take(name);
            await planned("drain", name, address, keys, RETRIES.running).catch(failing);
        },
        async after(address) {
            await planned("resume", name, address, keys, RETRIES.booting).catch(failing);
            turns.pass(name);
        },
        async failed(address) {
            turns.fail(name);
            // The cloud may have refused before it did anything.
            await planned("resume", name, address, keys, RETRIES.running);
        },
    };
}

async function planned(
    verb: "drain" | "resume",
    name: string,
    host: string,
    keys: pulumi.Output<pulumi.Unwrap<Keys>>,
    retries: number,
): Promise<void> {
    const known = await new Promise<pulumi.Unwrap<Keys>>((resolve) => keys.apply(resolve));
    const client = await dial({ name, connection: { host, ...known } }, { retries });
    try {
        const command = `/usr/local/lib/evenkeel/planned-work ${verb} ${word(name)}`;
        const { exitCode, stderr } = await execute(client, name, command);
        if (exitCode !== 0) throw new Error(stderr.trim());
    } finally {
        client.end();
    }
}
