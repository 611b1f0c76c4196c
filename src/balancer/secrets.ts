import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { acmeValues } from "../acme/keys.ts";
import { type AcmeSettings, acmeSettings } from "../acme/settings.ts";
import { checkedLate } from "../hosts/arguments.ts";
import { refuseLate } from "../hosts/validation.ts";
import { bare, virtualAddressesOf } from "./addresses.ts";
import { Failover, type LoadBalancerPairArgs } from "./args.ts";
import { PASSWORD_VALUE, passwordLine } from "./bgp.ts";
import { bgpPassword } from "./bgpRules.ts";
import { DEFAULT_ROUTER_ID } from "./claims.ts";
import { httpPort } from "./frontends.ts";
import { certificateValues, databaseValues } from "./haproxy/listenerFiles.ts";
import { STATUS_VALUE, statusAccountText } from "./haproxy/monitoring.ts";
import { CLUSTER_KEY } from "./pacemaker/corosync.ts";
import { masterMark } from "./reservedIp.ts";
import { certificateProblems, expiry } from "./tls.ts";

/** What the role's text does not show. */
export function secretsOf(
    name: string,
    { http = [], tcp = [], failover, bgp }: LoadBalancerPairArgs,
    statusPassword: pulumi.Output<string> | undefined,
    opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): Record<string, pulumi.Input<string>> {
    const certificates = certificateValues(name, http, (at, certificate, privateKey) => {
        const problems = certificateProblems(certificate, privateKey);
        refuseLate(
            "LoadBalancerPair",
            name,
            problems.map(({ propertyPath, reason }) => ({ propertyPath: `${at}.${propertyPath}`, reason })),
        );
        const problem = expiry(certificate, new Date());
        if (problem) pulumi.log.warn(`${at}.certificate: ${problem}`, opts.parent);
    });
    const acme = acmeOf({ http })?.tls?.acme;
    return {
        ...certificates,
        ...databaseValues(name, tcp),
        ...(bgp?.password === undefined
            ? {}
            : {
                  [PASSWORD_VALUE]: pulumi.secret(
                      checkedLate("LoadBalancerPair", name, "bgp.password", bgpPassword, bgp.password).apply(
                          passwordLine,
                      ),
                  ),
              }),
        ...(acme ? acmeValues("LoadBalancerPair", name, acme, opts) : {}),
        ...(failover === Failover.Pacemaker ? { [CLUSTER_KEY.value]: clusterKey(name, opts) } : {}),
        ...(statusPassword
            ? { [STATUS_VALUE]: statusPassword.apply((known) => statusAccountText(name, known)) }
            : {}),
    };
}

/** What the pair's hosts seal their messages with. */
function clusterKey(name: string, opts: pulumi.CustomResourceOptions): pulumi.Output<string> {
    const length = CLUSTER_KEY.length;
    return new random.RandomPassword(`${name}-cluster-key`, { length, special: false }, opts).result;
}

/** The listener whose certificates come by ACME. */
export const acmeOf = ({ http = [] }: Pick<LoadBalancerPairArgs, "http">) =>
    http.find(({ tls }) => tls?.acme);

/** What its hosts go by. */
export function settingsOfAcme(name: string, args: LoadBalancerPairArgs): AcmeSettings | undefined {
    const listener = acmeOf(args);
    const { virtualRouterId = DEFAULT_ROUTER_ID } = args;
    // Who has the first of several renews; the others find it there.
    const own = virtualAddressesOf(args)?.map(bare)[0];
    if (!listener) return undefined;
    return acmeSettings(listener.tls!.acme!, {
        name,
        port: httpPort(listener),
        address: own ?? "{{value address}}",
        mark: own ?? masterMark(virtualRouterId),
    });
}
