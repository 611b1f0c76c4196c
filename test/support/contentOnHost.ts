import type { Cloud } from "../../local/clouds/clouds.ts";
import { findRecord } from "../../local/commands/hosts.ts";
import { type Delivered, deliver } from "../../src/content/deliver.ts";
import { contentPrograms, contentSteps } from "../../src/content/places.ts";
import { renderInput } from "../../src/hosts/applyRole.ts";
import { placePrograms, program } from "../../src/hosts/programs.ts";
import { retireText, roleText } from "../../src/hosts/roleText.ts";
import type { SshTarget } from "../../src/hosts/ssh.ts";
import type { Files } from "./contentHost.ts";
import { onHost } from "./flagship.ts";
import { keyPair } from "./sshServer.ts";

/** A role of many files on one host of a local cloud: over SSH as a program sends them, and then the texts as a deployer runs them. */
export interface ContentOnHost {
    target: SshTarget;
    send(files: Files): Promise<Delivered>;
    arrive(files: Files): Promise<string>;
    publish(id: string): Promise<string>;
    tidy(id: string): Promise<string>;
    retire(): Promise<string>;
    /** All of it, with the seconds of each step. */
    bring(files: Files): Promise<Delivered & { seconds: Record<string, number> }>;
}

export async function contentOnHost(
    cloud: Cloud,
    host: string,
    role: string,
    documentRoot: string,
): Promise<ContentOnHost> {
    const run = (command: string, input?: string) => onHost(cloud, host, command, input);
    const { privateKey, publicKey } = keyPair();
    const programs = contentPrograms.map(program);
    const blobs = Object.fromEntries(programs.map(({ sha256, base64 }) => [sha256, base64]));
    await run("umask 077 && mkdir -p /root/.ssh && cat >>/root/.ssh/authorized_keys", `${publicKey}\n`);
    await run(placePrograms(host, programs), renderInput({ blobs }));
    const hostKey = await run("cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub");
    const address = findRecord(cloud, host).spec.publicAddress;
    const target: SshTarget = { name: host, connection: { host: address, privateKey, hostKey } };
    const step = (verb: string, id: string) =>
        run(`/usr/local/lib/evenkeel/content ${verb} ${role} ${host}`, `${id}\n`);
    const self: ContentOnHost = {
        target,
        send: ({ delivery }) => deliver(target, role, delivery),
        arrive: ({ id, shown }) =>
            run(
                roleText(role, host, contentSteps(documentRoot, shown, undefined)),
                renderInput({ values: { manifest: id } }),
            ),
        publish: (id) => step("publish", id),
        tidy: (id) => step("tidy", id),
        retire: () => run(retireText(role, host)),
        async bring(files) {
            const seconds: Record<string, number> = {};
            const timed = async <Result>(name: string, work: Promise<Result>): Promise<Result> => {
                const begin = performance.now();
                const result = await work;
                seconds[name] = Math.round(performance.now() - begin) / 1000;
                return result;
            };
            const delivered = await timed("send", self.send(files));
            await timed("arrive", self.arrive(files));
            await timed("publish", self.publish(files.id));
            await timed("tidy", self.tidy(files.id));
            return { ...delivered, seconds };
        },
    };
    return self;
}
