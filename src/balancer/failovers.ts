import { Failover } from "./args.ts";
import type { FailoverEngine } from "./failoverEngine.ts";
import { keepalivedEngine } from "./keepalivedEngine.ts";
import { pacemakerEngine } from "./pacemakerEngine.ts";

const ENGINES: Record<Failover, FailoverEngine> = {
    [Failover.Keepalived]: keepalivedEngine,
    [Failover.Pacemaker]: pacemakerEngine,
};

export const failoverOf = (failover: Failover = Failover.Keepalived): FailoverEngine => ENGINES[failover];
