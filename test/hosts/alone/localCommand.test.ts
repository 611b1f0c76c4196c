import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, expect, test } from "vitest";
import { readCloud } from "../../../local/clouds/clouds.ts";
import { isRunning } from "../../../local/clouds/daemonProcess.ts";
import { cloudDirectory } from "../../../local/directories.ts";
import { waitFor } from "./localCloud/probes.ts";

const name = `command-${process.pid}`;
const program = join(import.meta.dirname, "../../../local/main.ts");
const local = (...words: string[]) =>
    execa(process.execPath, [program, "--name", name, ...words], { reject: false });

afterAll(async () => {
    await local("down");
});

test("a cloud that is not up says how to bring it up, and which others are", async () => {
    const { exitCode, stderr } = await local("status");
    expect(exitCode).toBe(1);
    const line = `The cloud "${name}" is not up: npm run local -- up --name ${name}`;
    expect(stderr).toMatch(new RegExp(`^${line}( \\(up: .+; --name chooses one\\))?$`));
});

test("up brings the API up, and a second one leaves it alone", async () => {
    const first = await local("up");
    expect(first.stderr + first.stdout).toContain(`The cloud "${name}" is up: http://`);
    const { pid } = readCloud(name)!;
    expect((await local("up")).stdout).toContain(`The cloud "${name}" is already up`);
    expect(readCloud(name)!.pid).toBe(pid);
});

test("env gives what clients of the API need", async () => {
    const script = `eval "$0"; curl -s -H "Authorization: Bearer $DIGITALOCEAN_TOKEN" $DIGITALOCEAN_API_URL/v2/account`;
    const { stdout } = await execa("bash", ["-c", script, (await local("env")).stdout]);
    expect(JSON.parse(stdout).account.status).toBe("active");
});

test("status, console and faults know the host", async () => {
    const { id, public: address } = await createDroplet("web-0");
    expect((await local("status")).stdout).toMatch(new RegExp(`^${id} +web-0 +${address} .* on +-$`, "m"));
    expect((await local("ssh", "web-0", "--", "hostname")).stdout).toBe("web-0");
    expect((await local("ssh", `${id}`, "--", "exit 7")).exitCode).toBe(7);
    expect((await local("ssh", "web-9")).stderr).toContain(`no host "web-9"`);
    await local("fail", "kill", "web-0");
    await waitFor(async () => (await api(`/v2/droplets/${id}`)).droplet.status === "off");
    expect((await local("status")).stdout).toMatch(/web-0 .* off/);
    expect((await local("fail", "cut", "web-0")).stderr).toBe("web-0 is off.");
});

test("the API can be made to fail and healed", async () => {
    expect((await local("fail", "api", "error", "503")).exitCode).toBe(0);
    expect((await request("/v2/account")).status).toBe(503);
    expect((await local("fail", "api", "heal")).exitCode).toBe(0);
    expect((await request("/v2/account")).status).toBe(200);
});

test("an API that was killed comes back with the next up, knowing its droplets", async () => {
    const before = await api("/v2/droplets");
    process.kill(readCloud(name)!.pid!, "SIGKILL");
    await waitFor(async () => (await local("status")).stdout.includes("not running"));
    expect((await local("up")).stdout).toContain("is up");
    expect((await api("/v2/droplets")).droplets).toEqual(before.droplets);
});

test("down removes it all", async () => {
    const cloud = readCloud(name)!;
    expect((await local("down")).stdout).toBe(`The cloud "${name}" is gone.`);
    expect(isRunning(cloud)).toBe(false);
    expect(existsSync(cloudDirectory(name))).toBe(false);
    expect((await execa("podman", ["ps", "--all", "--format={{.Names}}"])).stdout).not.toContain(name);
    expect((await execa("ip", ["netns", "list"])).stdout).not.toContain(name);
});

function request(path: string, body?: object): Promise<Response> {
    const { apiUrl, token } = readCloud(name)!;
    return fetch(`${apiUrl}${path}`, {
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body && { method: "POST", body: JSON.stringify(body) }),
    });
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by tests
async function api(path: string, body?: object): Promise<any> {
    return (await request(path, body)).json();
}

async function createDroplet(host: string): Promise<{ id: number; public: string }> {
    const wanted = { name: host, region: "fra1", size: "s-1vcpu-1gb", image: "debian-12-x64" };
    const { droplet } = await api("/v2/droplets", wanted);
    const now = async () => (await api(`/v2/droplets/${droplet.id}`)).droplet;
    await waitFor(async () => (await now()).status === "active");
    const { networks } = await now();
    const { ip_address } = networks.v4.find(({ type }: { type: string }) => type === "public");
    return { id: droplet.id, public: ip_address };
}
