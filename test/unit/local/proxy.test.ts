import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect, test } from "vitest";
import { AUTHORITY_FILE } from "../../../local/authority/file.ts";
import { type LocalApis, localApis, tokens, vultrKey } from "../../support/localApis.ts";

/** A tunnel to the name, or the status of a refusal. */
async function tunnel(proxy: string, path: string): Promise<Socket | number> {
    const asking: ClientRequest = request(proxy, { method: "CONNECT", path }).end();
    const [answer, socket] = (await once(asking, "connect")) as [IncomingMessage, Socket];
    if (answer.statusCode === 200) return socket;
    socket.destroy();
    return answer.statusCode!;
}

async function get(apis: LocalApis, host: string, path: string, token: string, ca?: string): Promise<string> {
    const socket = (await tunnel(apis.proxyUrl, `${host}:443`)) as Socket;
    const secured = connect({ socket, servername: host, ...(ca && { ca }) });
    await once(secured, "secureConnect");
    const lines = [
        `GET ${path} HTTP/1.1`,
        `Host: ${host}`,
        `Authorization: Bearer ${token}`,
        "Connection: close",
    ];
    secured.write(`${lines.join("\r\n")}\r\n\r\n`);
    let text = "";
    for await (const chunk of secured) text += chunk;
    return text;
}

const authorityOf = ({ stateDir }: LocalApis) => readFile(join(stateDir, AUTHORITY_FILE), "utf8");

test.each([
    ["api.vultr.com", "/v2/account", vultrKey, '"name":"Local cloud"'],
    ["api.digitalocean.com", "/v2/account", tokens.token, '"status":"active"'],
])("%s is answered by that name, for whoever trusts the authority", async (host, path, token, wanted) => {
    await using apis = await localApis();
    const answer = await get(apis, host, path, token, await authorityOf(apis));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain(wanted);
    await expect(get(apis, host, path, token)).rejects.toThrow(/self-signed certificate|unable to verify/);
});

test("the authority outlives a restart, and its key is for its owner only", async () => {
    await using apis = await localApis();
    const before = await authorityOf(apis);
    await apis.restart();
    expect(await authorityOf(apis)).toBe(before);
    expect(await get(apis, "api.vultr.com", "/v2/regions", vultrKey, before)).toContain("Frankfurt");
    expect((await stat(join(apis.stateDir, "authority-key.pem"))).mode & 0o777).toBe(0o600);
});

test("nobody else's name is answered, nor another port, nor anything without a tunnel", async () => {
    await using apis = await localApis();
    expect(await tunnel(apis.proxyUrl, "example.org:443")).toBe(403);
    expect(await tunnel(apis.proxyUrl, "api.vultr.com:80")).toBe(403);
    expect(apis.log).toEqual([
        "NOT IN THE LOCAL CLOUD: CONNECT example.org:443",
        "NOT IN THE LOCAL CLOUD: CONNECT api.vultr.com:80",
    ]);
    expect((await fetch(`${apis.proxyUrl}/v2/account`)).status).toBe(403);
});

test("a certificate is of its own name alone", async () => {
    await using apis = await localApis();
    const socket = (await tunnel(apis.proxyUrl, "api.vultr.com:443")) as Socket;
    const secured = connect({ socket, servername: "api.digitalocean.com", ca: await authorityOf(apis) });
    const [error] = await once(secured, "error");
    expect(error.code).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
});

test("a tunnel that is open does not hold up the end of the cloud", async () => {
    const apis = await localApis();
    const socket = (await tunnel(apis.proxyUrl, "api.vultr.com:443")) as Socket;
    const ended = once(socket, "close");
    await apis[Symbol.asyncDispose]();
    await ended;
});
