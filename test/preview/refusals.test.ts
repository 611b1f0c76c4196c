import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestStack, testStack } from "../support/engine.ts";

/** Mistakes in the arguments, as the engine shows them to whoever made them. */
let stack: TestStack;
beforeAll(async () => {
    stack = await testStack({ files: { "index.ts": program } });
});
afterAll(() => stack?.remove());

const program = `import * as evenkeel from "evenkeel";

const host = (name: string) => ({
    name,
    privateAddress: "10.0.0.1",
    connection: { host: "10.0.0.1", privateKey: "key", hostKey: "ssh-ed25519 AAAA" },
});
const hosts = [host("a"), host("a")];
const site = { cloud: "digitalocean", region: "fra1", network: "n", sshKey: "1", privateKey: "k", tag: "t" } as const;

new evenkeel.WebPool("web", { hosts, placement: site, hostCount: 0, port: 70000, healthPath: "healthz" });
`;

test("several mistakes at once are one error that names each, and nothing is registered", async () => {
    const { exitCode, output } = await stack.up();
    expect(exitCode).not.toBe(0);
    const error = output.slice(output.indexOf("Diagnostics:"), output.indexOf("Resources:"));
    expect(error.replaceAll(/file:\S+\//g, "file:").replace(/'\/\S+\//, "'")).toBe(`Diagnostics:
  pulumi:pulumi:Stack (test-test):
    error: Running program 'index.ts' failed with an unhandled exception:
    WebPool "web" cannot be made from these arguments:
      hosts: give either \`placement\` or \`hosts\`, not both
      hostCount: counts created hosts; leave it out with \`hosts\`
      hostCount: 0 is not a number of hosts: give 1 or more
      hosts: host names must differ, but "a" stands twice
      port: 70000 is not a port: give a whole number from 1 to 65535
      healthPath: "healthz" is not a URL path: start it with / and use no spaces
        at file:index.ts:11:1

`);
    const { deployment } = JSON.parse((await stack.pulumi("stack", "export")).output);
    expect(deployment.resources.map(({ type }: { type: string }) => type)).toEqual(["pulumi:pulumi:Stack"]);
});
