import { execa } from "execa";
import { checkout } from "./paths.ts";
import { userEngine } from "./userEngine.ts";

// The command line of the package, from the checkout's own sources and with the checkout's Pulumi.
const args = process.argv.slice(2);
const cwd = process.env.INIT_CWD ?? process.cwd();
const { env } = await userEngine({ cwd });
const result = await execa(process.execPath, [`${checkout}/src/cli/main.ts`, ...args], {
    cwd,
    env,
    stdio: "inherit",
    reject: false,
});
process.exitCode = result.exitCode ?? 1;
