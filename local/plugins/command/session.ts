import type { Client, ClientChannel } from "ssh2";

// ssh2 sends variables without asking whether the server took them; the official plugin asks. So where variables
// are to be set, the session is opened with ssh2's inner parts.
interface Inner {
    _chanMgr: { add(opened: (error: Error | undefined, channel: InnerChannel) => void): number };
    _protocol: {
        session(channel: number, window: number, packet: number): void;
        env(channel: number, name: string, value: string, wantReply: boolean): void;
        exec(channel: number, command: string, wantReply: boolean): void;
    };
}
type InnerChannel = ClientChannel & {
    _callbacks: ((failure: Error | boolean | undefined) => void)[];
    outgoing: { id: number };
    subtype: string;
    allowHalfOpen: boolean;
};

/** Sets a variable; false when the server refuses it. */
export type SetVariable = (name: string, value: string) => Promise<boolean>;

export function start(client: Client, command: string): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
        client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
}

export async function startWithVariables(
    client: Client,
    command: string,
    prepare: (set: SetVariable) => Promise<void>,
): Promise<ClientChannel> {
    const inner = client as unknown as Inner;
    const channel = await new Promise<InnerChannel>((resolve, reject) => {
        const opened = Object.assign(
            (error: Error | undefined, channel: InnerChannel) => (error ? reject(error) : resolve(channel)),
            { type: "session" },
        );
        inner._protocol.session(inner._chanMgr.add(opened), 2 * 1024 * 1024, 32 * 1024);
    });
    const answer = (): Promise<boolean> =>
        new Promise((resolve) => channel._callbacks.push((failure) => resolve(!failure)));
    try {
        await prepare((name, value) => {
            const taken = answer();
            inner._protocol.env(channel.outgoing.id, name, value, true);
            return taken;
        });
        const started = answer();
        channel.subtype = "exec";
        channel.allowHalfOpen = true;
        inner._protocol.exec(channel.outgoing.id, command, true);
        if (!(await started)) throw new Error("ssh: command failed");
    } catch (error) {
        channel.close();
        throw error;
    }
    return channel;
}
