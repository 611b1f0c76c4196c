import { Failover } from "./args.ts";
import type { FailoverEngine } from "./failover.ts";
import { keepalivedEngine } from "./keepalived/engine.ts";
import { pacemakerEngine } from "./pacemaker/engine.ts";

const ENGINES: Record<Failover, FailoverEngine> = {
    [Failover.Keepalived]: keepalivedEngine,
    [Failover.Pacemaker]: pacemakerEngine,
};

export const failoverOf = (failover: Failover = Failover.Keepalived): FailoverEngine => ENGINES[failover];
