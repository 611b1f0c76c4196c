import { expect, test } from "vitest";
import { openTcpPorts, publicAddresses, shownToTheWorld } from "../../../support/scan.ts";
import { sharedFlagship } from "../../../support/shared.ts";

const site = await sharedFlagship();

test("of all TCP ports, SSH answers on every host and HTTP on the reserved IP, and nothing else", async () => {
    const hosts = Object.values(await publicAddresses(site));
    const open = await openTcpPorts([...hosts, site.address], "1-65535");
    expect(open).toEqual(shownToTheWorld(site, hosts));
});
