// What an installed stand-in plugin runs: `main.ts <provider> [engine flags] <engine address>`.
import { serve } from "./kit/server.ts";
import { providers } from "./providers.ts";

const [name = "", ...args] = process.argv.slice(2);
const load = providers[name];
if (!load) {
    process.stderr.write(`there is no stand-in plugin for ${JSON.stringify(name)}\n`);
    process.exit(2);
}
// The engine puts flags such as --logtostderr and -v=9 before its address.
await serve(await load(), args.filter((arg) => !arg.startsWith("-")).at(-1));
