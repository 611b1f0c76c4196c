import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { Unable } from "./unable.ts";

/** Which stack, and where its project is. */
export interface StackPlace {
    stack?: string;
    cwd?: string;
}

/** The outputs of a deployed stack, secrets in plain; they stay in this process. */
export async function stackOutputs({ stack, cwd }: StackPlace): Promise<Record<string, unknown>> {
    const args = ["stack", "output", "--json", "--show-secrets", "--non-interactive"];
    if (stack !== undefined) args.push("--stack", stack);
    if (cwd !== undefined && !existsSync(cwd)) throw new Unable(`--cwd: there is no folder ${cwd}.`);
    const text = await new Promise<string>((resolve, reject) => {
        execFile("pulumi", args, { cwd, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
            if (!error) return resolve(stdout);
            if (error.code === ("ENOENT" as never)) {
                return reject(new Unable("There is no `pulumi` on the PATH: install it first."));
            }
            reject(
                new Unable(
                    `The stack's outputs cannot be read (--stack and --cwd choose it):\n${stderr.trim()}`,
                ),
            );
        });
    });
    return JSON.parse(text) as Record<string, unknown>;
}
