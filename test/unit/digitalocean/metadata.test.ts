import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createMetadataApp } from "../../../local/api/metadata.ts";
import { openStore } from "../../../local/api/store.ts";
import { type Context, defaultLimits } from "../../../local/digitalocean/context.ts";
import { dropletMetadata } from "../../../local/digitalocean/metadata.ts";
import { emptyState } from "../../../local/digitalocean/state.ts";
import type { Droplet } from "../../../local/digitalocean/types.ts";
import { slice } from "../../../local/network/slices.ts";
import { fakeMachines } from "../../support/fakeMachines.ts";

describe("a host asks about itself", async () => {
    const stateDir = await mkdtemp(join(tmpdir(), "evenkeel-metadata-"));
    afterAll(() => rm(stateDir, { recursive: true }));
    const store = await openStore(stateDir);
    const state = store.part("digitalocean", emptyState);
    const droplet: Droplet = {
        id: 1001,
        name: "web-0",
        region: "fra1",
        size: "s-1vcpu-1gb",
        image: "debian-12-x64",
        disk: 25,
        status: "active",
        locked: false,
        createdAt: "2026-01-01T00:00:00Z",
        features: [],
        tags: ["a", "b"],
        vpcId: "vpc",
        publicAddress: "203.0.113.2",
        anchorAddress: "10.19.0.2",
        privateAddress: "10.5.0.2",
        publicKeys: ["ssh-ed25519 AAAA"],
        userData: "#cloud-config\n",
    };
    const other = {
        ...droplet,
        id: 1002,
        name: "web-1",
        publicAddress: "203.0.113.3",
        anchorAddress: "10.19.0.3",
    };
    state.droplets.push(droplet, { ...other, privateAddress: "10.5.0.3" });
    state.reservedIps.push({ address: "203.0.113.34", region: "fra1", dropletId: 1001 });
    const context: Context = {
        state,
        store,
        machines: fakeMachines(),
        slice: slice(0),
        gateway: "203.0.113.1",
        limits: defaultLimits,
        log: () => {},
        filters: { apply: async () => {}, stateOf: () => "succeeded" },
        background: new Set(),
        ending: new AbortController().signal,
        taken: [],
        actionMs: () => 0,
    };
    const app = createMetadataApp([dropletMetadata(context)]);

    test.each([
        ["203.0.113.2", "id", "1001"],
        ["203.0.113.3", "id", "1002"],
        ["10.19.0.3", "id", "1002"],
        ["203.0.113.2", "hostname", "web-0"],
        ["203.0.113.2", "region", "fra1"],
        ["203.0.113.2", "interfaces/public/0/ipv4/address", "203.0.113.2"],
        ["203.0.113.2", "interfaces/public/0/anchor_ipv4/address", "10.19.0.2"],
        ["203.0.113.2", "interfaces/private/0/ipv4/address", "10.5.0.2"],
        ["203.0.113.2", "reserved_ip/ipv4/active", "true"],
        ["203.0.113.2", "reserved_ip/ipv4/ip_address", "203.0.113.34"],
        ["203.0.113.2", "floating_ip/ipv4/active", "true"],
        ["203.0.113.3", "reserved_ip/ipv4/active", "false"],
        ["203.0.113.2", "user-data", "#cloud-config\n"],
        ["203.0.113.2", "public-keys", "ssh-ed25519 AAAA"],
        ["203.0.113.2", "tags/", "a\nb"],
        ["203.0.113.2", "interfaces/", "public/\nprivate/"],
    ])("%s reads %s", async (remoteAddress, path, wanted) => {
        const answer = await app.inject({ url: `/metadata/v1/${path}`, remoteAddress });
        expect([answer.statusCode, answer.body]).toEqual([200, wanted]);
        expect(answer.headers["content-type"]).toMatch(/^text\/plain/);
    });

    test.each([
        ["203.0.113.3", "/metadata/v1/reserved_ip/ipv4/ip_address"],
        ["203.0.113.2", "/metadata/v1/constructor"],
        ["203.0.113.2", "/metadata/v1/id/more"],
        ["203.0.113.9", "/metadata/v1/id"],
        ["203.0.113.9", "/metadata/v1.json"],
        ["203.0.113.2", "/v2/droplets"],
    ])("%s finds nothing at %s", async (remoteAddress, url) => {
        expect((await app.inject({ url, remoteAddress })).statusCode).toBe(404);
    });

    test("all of it as JSON", async () => {
        const answer = await app.inject({ url: "/metadata/v1.json", remoteAddress: "203.0.113.2" });
        expect(answer.json()).toMatchObject({ id: "1001", reserved_ip: { ipv4: { active: "true" } } });
    });
});
