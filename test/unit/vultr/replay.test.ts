import { expect, test } from "vitest";
import { expectRecorded } from "../../support/recordedCalls.ts";
import { testVultr } from "../../support/vultr.ts";

const same = [
    ...["label", "hostname", "status", "power_status", "server_status", "region", "plan", "os_id", "tags"],
    ...["tag", "features", "user_scheme", "firewall_group_id", "vcpu_count", "internal_ip", "ip_address"],
    ...["description", "v4_subnet", "v4_subnet_mask", "max_rule_count", "name", "ssh_key"],
    ...["ip_type", "protocol", "port", "subnet", "subnet_size", "notes", "source", "action", "instance_id"],
    ...["enabled", "family", "next"],
];
/** Reserved IPs have theirs as a subnet. */
const assigned = ["id", "subnet"];

test("the official plugin's calls get the answers that it accepted", async () => {
    await using api = await testVultr();
    await expectRecorded(api, "requests-vultr.jsonl", { same, assigned });
    await expect.poll(() => api.machines.hosts.size).toBe(0);
    expect(api.machines.networks.size).toBe(0);
    expect(api.log).toEqual([]);
});
