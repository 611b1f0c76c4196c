/**
 * What answers HTTP-01 on every balancer, first in a frontend. The answer follows from the account's key alone, so it needs no
 * file and no word between the balancers: whoever has the address answers what another one has asked for.
 */
export const acmeHaproxyRules = (): string[] => [
    'http-request return status 200 content-type text/plain lf-string "%[path,field(4,/)].{{value acme-thumbprint}}" if METH_GET { path -m reg ^/[.]well-known/acme-challenge/[A-Za-z0-9_-]{1,128}$ }',
];
