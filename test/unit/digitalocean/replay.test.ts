import { expect, test } from "vitest";
import { testApi } from "../../support/digitalocean.ts";
import { expectRecorded } from "../../support/recordedCalls.ts";

const same = [
    ...[
        "name",
        "status",
        "locked",
        "tags",
        "features",
        "size_slug",
        "memory",
        "vcpus",
        "type",
        "data",
        "ttl",
    ],
    ...["ports", "protocol", "count", "ip_range", "description", "public_key", "fingerprint", "region_slug"],
];

test("the official plugin's calls get the answers that it accepted", async () => {
    await using api = await testApi();
    await expectRecorded(api, "requests-digitalocean.jsonl", { same, assigned: ["id", "ip"] });
    expect(api.machines.hosts.size).toBe(0);
    expect(api.machines.networks.size).toBe(0);
    expect(api.log).toEqual([]);
});
