import { generateKeyPairSync, type KeyObject } from "node:crypto";
import ssh2 from "ssh2";
import { expect, test } from "vitest";
import { dial } from "../../../src/hosts/ssh.ts";
import { readableKey } from "../../../src/hosts/sshKey.ts";
import { keyPair, portOfNobody, sshServer } from "../../support/sshServer.ts";

test.each<[string, KeyObject]>([
    ["ssh-ed25519", generateKeyPairSync("ed25519").privateKey],
    ["ssh-rsa", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
    ["ecdsa-sha2-nistp256", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey],
])("a key in PKCS #8 form logs in as in its other forms: %s", async (type, key) => {
    const privateKey = key.export({ type: "pkcs8", format: "pem" }).toString();
    const parsed = ssh2.utils.parseKey(readableKey(privateKey));
    expect(parsed).toMatchObject({ type });
    await using server = await sshServer();
    const client = await dial({
        name: "a",
        connection: { host: "127.0.0.1", port: server.port, privateKey, hostKey: server.hostKey },
    });
    client.end();
    expect(server.connections).toBe(1);
});

test("a host that shows another key is refused, with that key and the host's name", async () => {
    await using server = await sshServer();
    const connection = { host: "127.0.0.1", port: server.port, ...keyPair(), hostKey: keyPair().publicKey };
    await expect(dial({ name: "alpha", connection })).rejects.toThrow(
        `alpha (127.0.0.1) cannot be reached: it shows another host key, ${server.hostKey.split(" ")[1]}`,
    );
});

test("who does not answer is tried as often as was said, and no more", async () => {
    const { port, hostKey } = await (async () => {
        await using server = await sshServer({ port: portOfNobody() });
        return server;
    })();
    const target = { name: "alpha", connection: { host: "127.0.0.1", port, hostKey, ...keyPair() } };
    const tried = dial(target, { retries: 2 });
    await expect(tried).rejects.toThrow("alpha (127.0.0.1) cannot be reached: connect ECONNREFUSED");
    // It comes back while it is being tried.
    const back = dial(target, { retries: 5 });
    await using server = await sshServer({ port });
    await expect(back).rejects.toThrow("another host key");
    expect(server.connections).toBeGreaterThan(1);
});
