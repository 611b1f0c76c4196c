import * as pulumi from "@pulumi/pulumi";

export interface Remembered {
    /** The list of files (changes.ts). */
    files?: string;
    /** Which manifest each host has. */
    hosts?: Record<string, string>;
}

/**
 * What a component has to remember from one deployment to the next: outputs of a resource of its own. It has no inputs, so
 * it never changes, and until it tells its new outputs the engine has the former ones.
 */
export class FileRecord extends pulumi.ComponentResource {
    /** What was remembered in the last deployment; nothing in the first. */
    readonly former: pulumi.Output<Remembered>;

    constructor(name: string, remember: () => pulumi.Inputs, opts: pulumi.ComponentResourceOptions) {
        super("evenkeel:index:Files", name, {}, opts);
        this.former = this.urn.apply(formerOutputs);
        this.registerOutputs(this.former.apply(() => pulumi.output(remember())));
    }
}

async function formerOutputs(urn: string): Promise<Remembered> {
    const { state } = await pulumi.runtime.invoke("pulumi:pulumi:getResource", { urn });
    return (state as Remembered | undefined) ?? {};
}
