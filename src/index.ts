export { CloudName } from "./clouds/cloud.ts";
export type { Host, HostConnection, Placement } from "./hosts/host.ts";
export type { HostsArgs } from "./hosts/hosts.ts";
export {
    Balance,
    type HttpListener,
    LoadBalancerPair,
    type LoadBalancerPairArgs,
    type PinnedPath,
} from "./loadBalancerPair.ts";
export { Site, type SiteArgs } from "./site.ts";
export { WebPool, type WebPoolArgs } from "./webPool.ts";
