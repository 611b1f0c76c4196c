import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { retireText, roleText } from "../../../src/hosts/roleText.ts";
import { commandLine } from "../../support/commandLine.ts";
import { blocks } from "../../support/readme.ts";

// Each call is a process of its own, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "evenkeel-estimate-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev";
const WEB = "evenkeel:index:WebPool::web";
const LB = "evenkeel:index:LoadBalancerPair::lb";
const DB = "evenkeel:index:GaleraCluster::db";

/** A resource of a component, as a state has it. */
const part = (component: string, type: string, name: string, inputs: object = {}, more = {}) => ({
    urn: `urn:pulumi:dev::shop::${component.split("::")[0]}$${type}::${name}`,
    parent: `urn:pulumi:dev::shop::${component}`,
    type,
    inputs,
    ...more,
});
const droplet = (component: string, name: string, size = "s-1vcpu-1gb", more = {}) =>
    part(component, "digitalocean:index/droplet:Droplet", name, { size, region: "fra1" }, more);
const instance = (component: string, name: string, plan = "vc2-1c-1gb") =>
    part(component, "vultr:index/instance:Instance", name, { plan, region: "fra" });
const address = part(LB, "digitalocean:index/reservedIp:ReservedIp", "lb-address", { region: "fra1" });
/** A role on a host; its connection stays encrypted. */
const role = (component: string, host: string) => {
    const name = `${component.split("::")[1]}-web`;
    return part(component, "command:remote:Command", `${host}-web`, {
        create: roleText(name, host, []),
        delete: retireText(name, host),
        connection: {
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            ciphertext: "v1:…",
        },
    });
};

const flagship = [
    { urn: STACK, type: "pulumi:pulumi:Stack" },
    ...["db-0", "db-1", "db-2"].map((name) => droplet(DB, name)),
    ...["web-1", "web-0"].map((name) => droplet(WEB, name)),
    ...["lb-0", "lb-1"].map((name) => droplet(LB, name)),
    address,
    role(WEB, "web-0"),
];

const run = (resources: unknown[], ...args: string[]) =>
    commandLine(folder, ["estimate", ...args], { version: 3, deployment: { resources } });

test("the flagship's is as the README shows it; the state's secrets stay encrypted", async () => {
    const { exitCode, stdout, stderr } = await run(flagship, "--stack", "prod");
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(blocks("").map((block) => block.trimEnd())).toContain(stdout);
    expect(readFileSync(join(folder, "arguments"), "utf8")).toBe(
        "stack export --non-interactive --stack prod\n",
    );
});

test("two clouds, a size without a price, hosts of one's own, and what is not the library's", async () => {
    const { stdout } = await run([
        droplet(WEB, "web-0"),
        droplet(WEB, "web-1", "c-48"),
        droplet(WEB, "gone-0", "s-1vcpu-1gb", { delete: true }),
        instance("evenkeel:index:GaleraCluster::far", "far-0", "vc2-2c-4gb"),
        part(LB, "vultr:index/reservedIp:ReservedIp", "lb-address"),
        { ...droplet(WEB, "mail"), parent: STACK },
        role(WEB, "web-0"),
        role(WEB, "alpha"),
        role(WEB, "mail"),
    ]);
    await expect(`${stdout}\n`).toMatchFileSnapshot("estimate.golden.txt");
});

test("without web hosts there is nothing to tell of their speed", async () => {
    const { stdout } = await run([droplet(DB, "db-0")]);
    expect(stdout).toMatch(/^in all +1 +6\.00$/m);
    expect(stdout).not.toContain("measured");
});

test("as JSON", async () => {
    const { exitCode, stdout } = await run([...flagship, role(DB, "alpha")], "--json");
    expect(exitCode).toBe(0);
    const { monthly, rows, clouds, measured } = JSON.parse(stdout);
    expect(monthly).toBe(42);
    expect(rows).toHaveLength(5);
    expect(rows[3]).toEqual({
        ...{ component: "web", kind: "WebPool", cloud: "digitalocean", hosts: ["web-0", "web-1"] },
        ...{ size: "s-1vcpu-1gb", monthly: 12, transfer: 2 },
    });
    expect(rows[4]).toEqual({ hosts: ["alpha"], unpriced: "yours" });
    expect(clouds[0]).toMatchObject({ cloud: "digitalocean", monthly: 42, transfer: 7, extraTransfer: 0.01 });
    expect(measured).toMatchObject({ source: "docs/benchmarks.md" });
});

test("a stack without hosts is an error", async () => {
    const { exitCode, stderr } = await run([{ urn: STACK, type: "pulumi:pulumi:Stack" }]);
    expect(stderr).toBe("The stack has no hosts: was it deployed?");
    expect(exitCode).toBe(1);
});
