import { ensureEngine } from "./engine.ts";

// stdout is the path and nothing else, for use in scripts; progress goes to stderr.
try {
    const engine = await ensureEngine();
    console.log(engine.pulumi);
} catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
}
