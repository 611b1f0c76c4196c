/** A folder of test/hosts: its files run one after the other, beside those of other stacks. */
export interface Stack {
    name: string;
    /** Whether its files share one deployment, which stack.ts in its folder brings up. */
    isShared: boolean;
}

/** Those that take longest first: what is left at the end would run alone. */
export const STACKS: Stack[] = [
    { name: "galera", isShared: true },
    { name: "replicated", isShared: true },
    { name: "alone", isShared: false },
    { name: "front", isShared: true },
    { name: "own", isShared: true },
    { name: "bare", isShared: true },
];
