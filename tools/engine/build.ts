import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { withLock } from "../../local/lock.ts";
import { step } from "../../local/progress.ts";
import { expectRoom } from "../../local/system/room.ts";
import { checkout } from "../paths.ts";
import { goEnvironment, goFor } from "./go.ts";
import { binDirectory } from "./home.ts";
import { PULUMI_VERSION } from "./versions.ts";

interface Program {
    name: string;
    /** Folder below tools/engine/go with the go.mod and go.sum that pin every module. */
    module: string;
    package: string;
    ldflags: string;
}

// The CLI comes last: while it is missing, the next run starts over here.
const programs: Program[] = [
    {
        name: "pulumi-language-nodejs",
        module: "language-nodejs",
        package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
        ldflags: "-s -w",
    },
    {
        name: "pulumi",
        module: "pulumi",
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        ldflags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI_VERSION}`,
    },
];

/** Builds the CLI and the Node language host from pinned Go modules, for where only registries answer. */
export async function buildPulumi(): Promise<void> {
    await withLock("engine", "another build of the engine", async () => {
        await checkRoomForBuild();
        for (const program of programs) {
            if (!existsSync(join(binDirectory, program.name))) await build(program);
        }
    });
}

/** Modules and compiled packages take gigabytes once, of which the finished programs are a small part. */
async function checkRoomForBuild(): Promise<void> {
    const go = await goFor(join(checkout, "tools", "engine", "go", "pulumi"));
    const { stdout } = await execa(go, ["env", "GOMODCACHE", "GOCACHE"], { env: goEnvironment });
    const [modules = "", compiled = ""] = stdout.split("\n");
    // Where the modules are there, another build has most likely compiled them too.
    const isBuilt = existsSync(
        join(modules, "github.com", "pulumi", "pulumi", "pkg", `v3@v${PULUMI_VERSION}`),
    );
    const first = [
        { path: modules, bytes: 1.5e9, what: "the engine's modules" },
        { path: compiled, bytes: 1.5e9, what: "its compiled packages" },
    ];
    expectRoom([...(isBuilt ? [] : first), { path: binDirectory, bytes: 0.2e9, what: "the engine" }]);
}

async function build(program: Program): Promise<void> {
    const folder = join(checkout, "tools", "engine", "go", program.module);
    const go = await goFor(folder);
    const inFolder = { cwd: folder, env: goEnvironment, stdin: "ignore", maxBuffer: 100_000_000 } as const;
    const unfinished = join(binDirectory, `.${program.name}.${process.pid}`);
    const compile = async (detail: (text: string) => void) => {
        let modules = 0;
        const listing = execa(go, ["list", "-deps", program.package], inFolder);
        eachLine(listing.stderr, (line) => {
            if (line.startsWith("go: downloading")) detail(`${++modules} modules downloaded`);
        });
        const packages = (await listing).stdout.split("\n").length;

        let compiled = 0;
        const compiling = execa(
            go,
            ["build", "-v", "-ldflags", program.ldflags, "-o", unfinished, program.package],
            inFolder,
        );
        eachLine(compiling.stderr, () => detail(`${++compiled} of at most ${packages} packages compiled`));
        await compiling;

        renameSync(unfinished, join(binDirectory, program.name));
    };
    try {
        await step(`building ${program.name}`, compile);
    } finally {
        rmSync(unfinished, { force: true });
    }
}

function eachLine(stream: NodeJS.ReadableStream, seen: (line: string) => void): void {
    stream.on("data", (chunk) => {
        for (const line of String(chunk).split("\n").filter(Boolean)) seen(line);
    });
}
