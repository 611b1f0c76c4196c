/** A folder of test/hosts: its files run one after the other, beside those of other stacks. */
export interface Stack {
    name: string;
    /** Whether its files share one deployment, which stack.ts in its folder brings up. */
    isShared: boolean;
    /** What it consists of. */
    hosts: string;
    /** What is tested on it. */
    users: string;
    /** Seconds that its files and its `up` may take together in `npm test`. */
    budget: number;
}

/** Those that take longest first: what is left at the end would run alone. */
export const STACKS: Stack[] = [
    {
        name: "front",
        isShared: true,
        hosts: "2 balancers, 2 web hosts",
        users: "`Site`, `WebPool`, `LoadBalancerPair`: the flagship without a database",
        budget: 720,
    },
    {
        name: "galera",
        isShared: true,
        hosts: "3 members, 2 web hosts",
        users: "`GaleraCluster`, `Database`, `DatabaseBackup` of one",
        budget: 600,
    },
    {
        name: "replicated",
        isShared: true,
        hosts: "a primary, 2 replicas, 2 web hosts",
        users: "`ReplicatedMySQL`, `Database` and its endpoints, restores to a point in time",
        budget: 600,
    },
    {
        name: "alone",
        isShared: false,
        hosts: "each file's own",
        users: "the local cloud itself, the demo, bad input: what cannot share",
        budget: 480,
    },
    {
        name: "own",
        isShared: true,
        hosts: "3 hosts that Pulumi did not make",
        users: "components on hosts of the user's own",
        budget: 240,
    },
    {
        name: "bare",
        isShared: true,
        hosts: "1 host, no engine",
        users: "the mechanism of roles, and rendered configuration by the daemons' own checkers",
        budget: 120,
    },
];
