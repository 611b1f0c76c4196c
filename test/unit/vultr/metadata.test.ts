import { afterAll, describe, expect, test } from "vitest";
import { createMetadataApp } from "../../../local/api/metadata.ts";
import { mac } from "../../../local/network/hostNetwork.ts";
import { slice } from "../../../local/network/slices.ts";
import type { Context } from "../../../local/vultr/context.ts";
import { instanceMetadata } from "../../../local/vultr/metadata.ts";
import type { Instance, State } from "../../../local/vultr/types.ts";

describe("an instance asks about itself", () => {
    const instance: Instance = {
        id: "4f0f12e5",
        hostId: 1001,
        label: "one",
        hostname: "web-0",
        region: "fra",
        plan: "vc2-1c-1gb",
        osId: 2136,
        tags: ["web"],
        features: [],
        status: "active",
        createdAt: "2026-01-01T00:00:00+00:00",
        address: "203.0.113.2",
        groupId: "",
        vpc: { id: "v", address: "10.5.0.3" },
        publicKeys: ["ssh-ed25519 AAAA"],
        userData: "#cloud-config\n",
        script: "",
        backups: null,
        isEnding: false,
    };
    const vpc = { id: "v", region: "fra", description: "", subnet: "10.5.0.0", mask: 24, createdAt: "" };
    const reserved = { id: "r", address: "203.0.113.34", region: "fra", label: "", instanceId: "4f0f12e5" };
    const state: Partial<State> = { instances: [instance], vpcs: [vpc], reservedIps: [reserved] };
    const context = { state, slice: slice(0), gateway: "203.0.113.1" } as Context;
    const app = createMetadataApp([instanceMetadata(context)]);
    afterAll(() => app.close());
    const ask = (url: string, remoteAddress = "203.0.113.2") => app.inject({ url, remoteAddress });

    test.each([
        ["instance-v2-id", "4f0f12e5"],
        ["hostname", "web-0"],
        ["region/regioncode", "FRA"],
        ["interfaces/", "0/\n1/"],
        ["interfaces/0/ipv4/address", "203.0.113.2"],
        ["interfaces/0/ipv4/additional/0/address", "203.0.113.34"],
        ["interfaces/0/mac", mac(0, 1001)],
        ["interfaces/1/ipv4/address", "10.5.0.3"],
        ["interfaces/1/network-v2-id", "v"],
        ["public-keys", "ssh-ed25519 AAAA"],
    ])("%s reads %s", async (path, wanted) => {
        const answer = await ask(`/v1/${path}`);
        expect([answer.statusCode, answer.body]).toEqual([200, wanted]);
    });

    test("all of it as JSON; label and plan are not in it, and tags are empty", async () => {
        const all = (await ask("/v1.json")).json();
        expect(all).toMatchObject({
            "instance-v2-id": "4f0f12e5",
            interfaces: [
                { "network-type": "public", ipv4: { additional: [{ netmask: "255.255.255.255" }] } },
                { "network-type": "private", ipv4: { netmask: "255.255.255.0", gateway: "" } },
            ],
            tags: [],
        });
        expect(JSON.stringify(all)).not.toMatch(/one|vc2/);
    });

    test("nobody else is told", async () => {
        expect((await ask("/v1.json", "203.0.113.3")).statusCode).toBe(404);
        expect((await ask("/v1/interfaces/2/mac")).statusCode).toBe(404);
    });
});
