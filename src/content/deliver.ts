import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
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

/** Sends a host what it lacks of a role's files, as onhost/content_receive.py asks for it; nothing is in place yet. */
export async function deliver(
    target: SshTarget,
    role: string,
    delivery: Delivery,
    options?: DialOptions,
): Promise<Delivered> {
    const client = await dial(target, options);
    try {
        const command = `/usr/local/lib/evenkeel/content receive ${word(role)} ${word(target.name)}`;
        return await speak(await start(client, command), target.name, delivery);
    } finally {
        client.end();
    }
}

function start(client: ssh2.Client, command: string): Promise<ssh2.ClientChannel> {
    return new Promise((resolve, reject) => {
        client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
}

async function speak(channel: ssh2.ClientChannel, host: string, delivery: Delivery): Promise<Delivered> {
    const sent: Delivered = { files: 0, bytes: 0 };
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
        throw new Error(
            complaint.trim() || `the connection to ${host} was lost: ${(error as Error).message}`,
        );
    }
    await closed;
    if (exitCode !== 0) throw new Error(complaint.trim() || `the connection to ${host} was lost`);
    return sent;
}

/** What is said, in turn with what is answered. */
async function* conversation(
    lines: AsyncIterator<string>,
    { manifest, sources }: Delivery,
    sent: Delivered,
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
    for (const sha256 of await answer(lines)) {
        sent.files++;
        for await (const chunk of bytesOf(sources[sha256]!, sha256)) yield counted(chunk);
    }
    if ((await lines.next()).value !== "done") throw new Error("it did not take everything");
}

async function* bytesOf(source: Source, sha256: string): AsyncGenerator<Buffer> {
    const length = "text" in source ? Buffer.byteLength(source.text) : (await stat(source.file)).size;
    yield Buffer.from(`${length}\n`);
    const hash = createHash("sha256");
    const chunks = "text" in source ? [Buffer.from(source.text)] : readFirst(source.file, length);
    for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
    }
    if ("file" in source && hash.digest("hex") !== sha256) {
        throw new ChangedMeanwhile(
            `${source.file} was changed while it was being sent: run \`pulumi up\` again`,
        );
    }
}

const readFirst = (file: string, length: number): AsyncIterable<Buffer> | Buffer[] =>
    length === 0 ? [] : createReadStream(file, { end: length - 1, highWaterMark: 1 << 18 });

class ChangedMeanwhile extends Error {}

async function answer(lines: AsyncIterator<string>): Promise<string[]> {
    const answered: string[] = [];
    for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error("it ended early");
        if (value === "") return answered;
        answered.push(value);
    }
}
