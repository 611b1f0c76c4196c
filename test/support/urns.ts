import type { TestStack } from "./engine.ts";
import { succeeded } from "./flagship.ts";

/** A host of the program's own, as `pulumi stack --show-urns` names it. */
export async function urnOfHost(stack: TestStack, name: string): Promise<string> {
    const text = succeeded(await stack.pulumi("stack", "export"));
    const urns = [...text.matchAll(/"urn": "(urn:[^"]*digitalocean:index\/droplet:Droplet::([^"]+))"/g)];
    return urns.find(([, , droplet]) => droplet === name)![1]!;
}
