import { expect, test } from "vitest";
import { openTcpPorts, publicAddresses, shownToTheWorld } from "../../../support/scan.ts";
import { sharedFlagship } from "../../../support/shared.ts";

const site = await sharedFlagship();

test("of all TCP ports, SSH answers on every host and HTTP on the reserved IP, and nothing else", async () => {
    const hosts = Object.values(await publicAddresses(site));
    const addresses = [...hosts, site.address];
    const wanted = shownToTheWorld(site, hosts);
    // So many at once that an answer may be lost: it finds what ought not to be there, and what ought to be is asked for by itself.
    const found = await openTcpPorts(addresses, "1-65535");
    const asked = await openTcpPorts(addresses, "22,80");
    const open = addresses.map((address) => [...new Set([...asked[address]!, ...found[address]!])]);
    expect(Object.fromEntries(addresses.map((address, i) => [address, open[i]]))).toEqual(wanted);
});
