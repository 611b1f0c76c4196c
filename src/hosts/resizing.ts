import * as pulumi from "@pulumi/pulumi";
import type { CloudHost } from "../clouds/cloud.ts";
import { inWords } from "./hostError.ts";
import { Memory } from "./memory.ts";
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

/** What hosts were in the last deployment, by name. */
type Sizes = Record<string, { size: string; address: string }>;

/**
 * A cloud changes a host's size with the power off, and the engine would have all hosts of a component do so at once. Here
 * each takes its turn: its new size is known when it is out of service, and the next one's when it is well again.
 */
export class Resizing {
    readonly #memory: Memory<Sizes>;
    readonly #now: Record<string, pulumi.Output<Sizes[string]>> = {};

    constructor(component: string, opts: pulumi.ComponentResourceOptions) {
        this.#memory = new Memory("evenkeel:index:Sizes", `${component}-sizes`, () => this.#now, opts);
    }

    /** Makes a host, of which the size is known when it may be. */
    host(name: string, size: string, keys: Keys, make: (size: pulumi.Input<string>) => CloudHost): CloudHost {
        const known = pulumi.all([this.#memory.former, keys]);
        // In a preview nobody waits. Pulumi's mocks for tests have no engine, and no hosts.
        const acts = !pulumi.runtime.isDryRun() && pulumi.runtime.getEngine() !== undefined;
        const isResized = (before: Sizes[string] | undefined) => acts && before && before.size !== size;

        const may = known.apply(async ([{ [name]: before }, pair]) => {
            if (isResized(before)) await outOfService(name, before!.address, pair);
            return size;
        });
        const machine = make(acts ? pulumi.unsecret(may) : size);
        const back = pulumi
            .all([known, machine.publicAddress, machine.resource.urn])
            .apply(async ([[{ [name]: before }, pair], address]) => {
                if (isResized(before)) await backInService(name, address, pair);
                return { size, address };
            });
        // What is known of keys may be secret; that it is back is not.
        this.#now[name] = pulumi.unsecret(back);
        return machine;
    }
}

async function outOfService(name: string, address: string, keys: pulumi.Unwrap<Keys>): Promise<void> {
    await turns.take(name).catch(inWords);
    await planned("drain", name, address, keys, RETRIES.running);
}

async function backInService(name: string, address: string, keys: pulumi.Unwrap<Keys>): Promise<void> {
    await planned("resume", name, address, keys, RETRIES.booting);
    turns.pass(name);
}

async function planned(
    verb: "drain" | "resume",
    name: string,
    host: string,
    keys: pulumi.Unwrap<Keys>,
    retries: number,
): Promise<void> {
    try {
        const client = await dial({ name, connection: { host, ...keys } }, { retries });
        try {
            const command = `/usr/local/lib/evenkeel/planned-work ${verb} ${word(name)}`;
            const { exitCode, stderr } = await execute(client, name, command);
            if (exitCode !== 0) throw new Error(stderr.trim());
        } finally {
            client.end();
        }
    } catch (error) {
        turns.fail(name);
        inWords(error as Error);
    }
}
