import { execa } from "execa";
import { containerName } from "../machines/container.ts";
import { podmanCommand } from "../machines/podman.ts";

/** Root's shell, or a command in it, as a cloud's web console gives: no key and no network takes part. */
export async function openConsole(cloud: string, id: number, command: string[]): Promise<number> {
    const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["--tty"] : [];
    const shell = command.length > 0 ? ["bash", "-c", command.join(" ")] : ["bash", "--login"];
    const [program, ...words] = podmanCommand(
        "exec",
        "--interactive",
        ...terminal,
        `--env=TERM=${process.env.TERM ?? "dumb"}`,
        "--workdir=/root",
        containerName(cloud, id),
        ...shell,
    );
    const { exitCode } = await execa(program!, words, { stdio: "inherit", reject: false });
    return exitCode ?? 1;
}
