import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import type ssh2 from "ssh2";
import { word } from "../hosts/roleText.ts";
import { type DialOptions, dial, type SshTarget } from "../hosts/ssh.ts";
import type { Delivery, Source } from "./content.ts";

/** What a delivery came to: how many files the host lacked, and how many bytes were sent in all. */
export interface Delivered {
    files: number;
    bytes: number;
}

export interface DeliverOptions extends DialOptions {
    /** Told every few seconds how many bytes of how many are sent. */
    onProgress?: (sent: number, of: number) => void;
}

const TELL_MS = 5000;

interface Sending extends Delivered {
    of: number;
    /** The host has said that it has everything. */
    done: boolean;
}

/** Sends a host what it lacks of a role's files, as onhost/content_receive.py asks for it; nothing is in place yet. */
export async function deliver(
    target: SshTarget,
    role: string,
    delivery: Delivery,
    options: DeliverOptions = {},
): Promise<Delivered> {
    const client = await dial(target, options);
    try {
        const command = `/usr/local/lib/evenkeel/content receive ${word(role)} ${word(target.name)}`;
        return await speak(await start(client, command), target.name, delivery, options);
    } finally {
        client.end();
    }
}

function start(client: ssh2.Client, command: string): Promise<ssh2.ClientChannel> {
    return new Promise((resolve, reject) => {
        client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
}

async function speak(
    channel: ssh2.ClientChannel,
    host: string,
    delivery: Delivery,
    { onProgress }: DeliverOptions,
): Promise<Delivered> {
    const sent: Sending = { files: 0, bytes: 0, of: 0, done: false };
    const progress = setInterval(() => sent.of > 0 && onProgress?.(sent.bytes, sent.of), TELL_MS);
    let complaint = "";
    let exitCode: number | null = null;
    channel.stderr.on("data", (chunk: Buffer) => {
        complaint += chunk;
    });
    channel.on("exit", (code: number | null) => {
        exitCode = code;
    });
    const closed = new Promise<void>((resolve) => channel.once("close", () => resolve()));
    const lines = createInterface({ input: channel })[Symbol.asyncIterator]();
    try {
        await pipeline(conversation(lines, delivery, sent), channel, { end: true });
    } catch (error) {
        await closed;
        // Of what breaks off here the host says only that it ended early.
        if (error instanceof NotRead) throw error;
        // It may close before this end does, once it has everything.
        if (!sent.done)
            throw new Error(
                complaint.trim() || `the connection to ${host} was lost: ${(error as Error).message}`,
            );
    } finally {
        clearInterval(progress);
    }
    await closed;
    if (exitCode !== 0) throw new Error(complaint.trim() || `the connection to ${host} was lost`);
    return { files: sent.files, bytes: sent.bytes };
}

/** What is said, in turn with what is answered. */
async function* conversation(
    lines: AsyncIterator<string>,
    { manifest, sources }: Delivery,
    sent: Sending,
): AsyncGenerator<Buffer> {
    const counted = (data: Buffer): Buffer => {
        sent.bytes += data.length;
        return data;
    };
    const parts = manifest.parts.map(({ name, sha256 }) => `${name} ${sha256}`);
    yield counted(Buffer.from([manifest.id, manifest.root, ...parts, "", ""].join("\n")));
    for (const name of await answer(lines)) {
        const text = Buffer.from(manifest.parts.find((part) => part.name === name)!.text);
        yield counted(Buffer.from(`${text.length}\n`));
        yield counted(text);
    }
    const lacking = await answer(lines);
    sent.of = sent.bytes + lacking.reduce((sum, sha256) => sum + sources[sha256]!.size, 0);
    for (const sha256 of lacking) {
        sent.files++;
        for await (const chunk of bytesOf(sources[sha256]!, sha256)) yield counted(chunk);
    }
    sent.done = (await lines.next()).value === "done";
    if (!sent.done) throw new Error("it did not take everything");
}

async function* bytesOf(source: Source, sha256: string): AsyncGenerator<Buffer> {
    yield Buffer.from(`${source.size}\n`);
    if ("text" in source) return yield Buffer.from(source.text);
    const hash = createHash("sha256");
    for await (const chunk of readFirst(source.file, source.size)) {
        hash.update(chunk);
        yield chunk;
    }
    if (hash.digest("hex") !== sha256)
        throw new NotRead(`${source.file} was changed while it was being sent: run \`pulumi up\` again`);
}

/** As much as was announced, should it have grown. */
async function* readFirst(file: string, length: number): AsyncGenerator<Buffer> {
    if (length === 0) return;
    try {
        yield* createReadStream(file, { end: length - 1, highWaterMark: 1 << 18 });
    } catch (error) {
        throw new NotRead(`${file} cannot be read: ${(error as Error).message}`);
    }
}

class NotRead extends Error {}

async function answer(lines: AsyncIterator<string>): Promise<string[]> {
    const answered: string[] = [];
    for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error("it ended early");
        if (value === "") return answered;
        answered.push(value);
    }
}
