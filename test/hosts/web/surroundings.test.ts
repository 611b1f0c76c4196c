import { expect, onTestFinished, test } from "vitest";
import { sharedFlagship } from "../../support/shared.ts";

const site = await sharedFlagship();

const OURS = "nft list chain inet evenkeel input";

test.each(["reload", "restart", "stop"])("nftables: %s leaves the tables of others", async (verb) => {
    const foreign =
        "nft 'add table ip foreign; add chain ip foreign seen { type filter hook input priority 5; }'";
    await site.on("web-0", foreign);
    onTestFinished(
        async () => void (await site.on("web-0", "systemctl start nftables; nft delete table ip foreign")),
    );
    await site.on("web-0", `systemctl ${verb} nftables`);
    expect(await site.on("web-0", "nft list table ip foreign")).toContain("chain seen");
    if (verb === "stop") await expect(site.on("web-0", OURS)).rejects.toThrow("No such file");
    else expect(await site.on("web-0", OURS)).toContain("tcp dport 80 accept");
});

test("the firewall's connections are looked at every minute", async () => {
    expect(await site.on("web-0", "systemctl is-active evenkeel-connections.timer")).toBe("active");
    await site.on("web-0", "systemctl start evenkeel-connections");
    expect(await site.on("web-0", "systemctl show -P Result evenkeel-connections")).toBe("success");
});
