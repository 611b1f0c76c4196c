import type { Deployment } from "./deploy.ts";

const KEY = "greeting";

/** Shows the preview of another greeting; the stack's configuration is then as it was before. */
export async function previewGreeting(stack: Deployment): Promise<void> {
    const former = await stack.ask("config", "get", KEY);
    console.log(`  npm run pulumi -- config set ${KEY} "Good evening"\n  npm run pulumi -- preview --diff\n`);
    try {
        await stack.run("config", "set", KEY, "Good evening");
        await stack.run("preview", "--diff");
    } finally {
        await (former === undefined
            ? stack.ask("config", "rm", KEY)
            : stack.ask("config", "set", KEY, former));
    }
}
