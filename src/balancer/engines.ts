import { BalancerEngineName } from "./args.ts";
import type { BalancerEngine } from "./engine.ts";
import { haproxyEngine } from "./haproxy/role.ts";
import { nginxEngine } from "./nginx/role.ts";

const engines: Record<BalancerEngineName, BalancerEngine> = { haproxy: haproxyEngine, nginx: nginxEngine };

export const engineOf = ({
    engine = BalancerEngineName.HAProxy,
}: {
    engine?: BalancerEngineName | undefined;
}): BalancerEngine => engines[engine];
