import { BlockList } from "node:net";
import { CloudName } from "../clouds/cloud.ts";
import { foreignSlug } from "../hosts/arguments.ts";
import { isNetwork, networks, slug } from "../hosts/names.ts";
import { type Check, object, oneOf, optional, text } from "../hosts/shape.ts";
import { when } from "../hosts/validation.ts";
import type { SiteArgs } from "./args.ts";

const privateRanges = new BlockList();
privateRanges.addSubnet("10.0.0.0", 8);
privateRanges.addSubnet("172.16.0.0", 12);
privateRanges.addSubnet("192.168.0.0", 16);

/** Private IPv4 range with its host bits zero, /16 to /28 (what all clouds take). */
const ipRange: Check = (at, value) => {
    const problems = isRange(at, value);
    if (problems.length > 0) return problems;
    const [address = "", suffix] = (value as string).split("/");
    const bits = Number(suffix);
    const number = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
    const use = "use 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16";
    return [
        ...when(!privateRanges.check(address), at, `"${value}" is not private: ${use}`),
        ...when(bits < 16 || bits > 28, at, `"${value}" must be between /16 and /28`),
        ...when(bits >= 16 && number % 2 ** (32 - bits) !== 0, at, `"${value}" has host bits set`),
    ];
};
const isRange = text(
    "an IPv4 range",
    (range) => isNetwork(range) && /^[\d.]+\/\d+$/.test(range),
    "write it as 10.20.0.0/20",
);

/** What can be wrong with a `Site`. */
export const siteArguments = object<SiteArgs>(
    "a `SiteArgs`",
    {
        cloud: oneOf("a cloud", Object.values(CloudName)),
        region: slug("a region", "fra1"),
        ipRange: optional(ipRange),
        sshFrom: optional(networks),
    },
    ({ cloud, region }, sound) =>
        sound("cloud", "region") ? foreignSlug("region", "region", region, cloud) : [],
);
