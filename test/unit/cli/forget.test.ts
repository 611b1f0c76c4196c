import { expect, test } from "vitest";
import { forgotten } from "../../../src/cli/forget.ts";
import { retireText } from "../../../src/hosts/roleText.ts";

const command = (name: string, role: string, host: string) => {
    const inputs = { create: `role ${role} ${host}`, delete: retireText(role, host) };
    return {
        urn: `urn:pulumi:s::p::command:remote:Command::${name}`,
        type: "command:remote:Command",
        inputs,
        outputs: inputs,
    };
};

test("nothing is run any more on a host that is gone for good, and the roles are told; others stay as they are", () => {
    const address = {
        urn: "urn:pulumi:s::p::random:Address::a",
        type: "random:Address",
        inputs: { delete: "web-1" },
    };
    const other = command("web-0-web", "web-web", "web-0");
    const state = {
        version: 3,
        deployment: {
            manifest: { magic: "m" },
            resources: [
                address,
                other,
                command("web-1-web", "web-web", "web-1"),
                command("lb-web-1-balancer", "lb-balancer", "web-1"),
            ],
        },
    };
    const { roles, state: after } = forgotten(state, "web-1");
    expect(roles).toEqual(["web-web", "lb-balancer"]);
    const [first, second, ...gone] = after.deployment.resources!;
    expect([first, second]).toEqual([address, other]);
    for (const { inputs, outputs } of gone) {
        expect(Object.keys(inputs!)).toEqual(["create"]);
        expect(Object.keys(outputs!)).toEqual(["create"]);
    }
    expect(after).toMatchObject({ version: 3, deployment: { manifest: { magic: "m" } } });
    expect(forgotten(state, "web").roles).toEqual([]);
});
