export { CloudName } from "./clouds/cloud.ts";
export type { Host, HostConnection, Placement } from "./hosts/host.ts";
export type { HostsArgs } from "./hosts/hosts.ts";
export { Balance, type HttpListener, type PinnedPath } from "./listeners.ts";
export { LoadBalancerPair, type LoadBalancerPairArgs } from "./loadBalancerPair.ts";
export { Site, type SiteArgs } from "./site.ts";
export { WebPool, type WebPoolArgs } from "./webPool.ts";
