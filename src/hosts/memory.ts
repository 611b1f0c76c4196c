import * as pulumi from "@pulumi/pulumi";

/**
 * What a component has to remember from one deployment to the next: outputs of a resource of its own. It has no inputs, so
 * it never changes, and until it tells its new outputs the engine has the former ones.
 */
export class Memory<Remembered extends object> extends pulumi.ComponentResource {
    /** What was remembered in the last deployment; nothing in the first. */
    readonly former: pulumi.Output<Partial<Remembered>>;

    constructor(
        type: string,
        name: string,
        remember: () => pulumi.Input<pulumi.Inputs>,
        opts: pulumi.ComponentResourceOptions,
    ) {
        super(type, name, {}, opts);
        this.former = this.urn.apply(formerOutputs<Remembered>);
        // When all of it has been named; a moment later, and an error in it would be told twice.
        const now = pulumi.output(Promise.resolve().then(remember));
        this.registerOutputs(pulumi.all([this.former, now]).apply(([_, settled]) => settled));
    }
}

async function formerOutputs<Remembered>(urn: string): Promise<Partial<Remembered>> {
    const { state } = await pulumi.runtime.invoke("pulumi:pulumi:getResource", { urn });
    return (state as Remembered | undefined) ?? {};
}
