// Stand-in plugins in one process, for engines that are led to it: `running.ts PROVIDER…` prints PROVIDER:PORT,… and ends with its standard input.
import { flushCompileCache } from "node:module";
import { listen } from "./kit/server.ts";
import { providers } from "./providers.ts";

const served = process.argv.slice(2).map(async (name) => {
    const load = providers[name];
    if (!load) throw new Error(`there is no stand-in plugin for ${name}`);
    return `${name}:${await listen(await load())}`;
});
process.stdout.write(`${(await Promise.all(served)).join(",")}\n`);
// Whoever ends this may not wait for what Node does at the end.
flushCompileCache();
process.stdin.on("end", () => process.exit()).resume();
