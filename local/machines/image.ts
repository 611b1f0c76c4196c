import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { CACHE_URL } from "../cache/address.ts";
import { machineMirrors, sourcesList } from "../cache/mirrors.ts";
import { cacheDirectory } from "../directories.ts";
import { withLock } from "../lock.ts";
import { step } from "../progress.ts";
import { checkRoomForImage } from "../system/room.ts";
import { podman } from "./podman.ts";

const REPOSITORY = "localhost/evenkeel-host";
const RELEASE = "bookworm";
const RECIPE = join(import.meta.dirname, "image");

interface Plan {
    sources: string;
    aptOptions: string[];
}

/** The tag of the host image, which is built when its recipe has changed. */
export async function ensureImage(): Promise<string> {
    const plan = { sources: sourcesList(machineMirrors()), aptOptions: await aptOptions() };
    const image = `${REPOSITORY}:${recipeHash(plan)}`;
    if (await exists(image)) return image;
    await withLock("image", "another build of the host image", async () => {
        if (!(await exists(image))) await step("Building the host image", (say) => build(image, plan, say));
    });
    return image;
}

export async function removeImages(): Promise<void> {
    const { stdout } = await podman("images", "--quiet", "--no-trunc", REPOSITORY);
    for (const id of new Set(String(stdout).split("\n").filter(Boolean))) await podman("rmi", id);
}

async function build(image: string, plan: Plan, say: (line: string) => void): Promise<void> {
    await checkRoomForImage();
    const images = join(cacheDirectory(), "image");
    // What a run that was killed left: its mmdebstrap may go on, and then writes to a file that has no name.
    rmSync(images, { recursive: true, force: true });
    const directory = join(images, `${process.pid}`);
    mkdirSync(directory, { recursive: true });
    const [tar, sources] = [join(directory, "host.tar"), join(directory, "sources.list")];
    writeFileSync(sources, plan.sources);
    const packages = readFileSync(join(RECIPE, "packages.txt"), "utf8").trim().split("\n").join(",");
    try {
        const making = execa("mmdebstrap", [
            "--variant=minbase",
            `--include=${packages}`,
            ...plan.aptOptions.map((option) => `--aptopt=${option}`),
            // The lists stay, so that a host can install at once.
            "--skip=cleanup/apt/lists,cleanup/apt/cache",
            `--customize-hook=sync-in '${RECIPE}/files' /`,
            `--customize-hook='${RECIPE}/customize.sh' "$1"`,
            RELEASE,
            tar,
            sources,
        ]);
        making.stderr.on("data", (chunk) => say(String(chunk)));
        await making;
        say("importing");
        await podman(
            "import",
            '--change=CMD ["/lib/systemd/systemd"]',
            "--change=STOPSIGNAL SIGRTMIN+3",
            tar,
            image,
        );
    } finally {
        rmSync(images, { recursive: true, force: true });
    }
}

async function exists(image: string): Promise<boolean> {
    const { failed } = await execa("podman", ["image", "exists", image], { reject: false });
    return !failed;
}

/** What the machine itself needs to take packages from its mirrors, hosts need as well. */
async function aptOptions(): Promise<string[]> {
    const { stdout } = await execa("apt-config", ["dump"], { reject: false });
    const inherited = stdout.split("\n").filter((line) => /^Acquire::Check-(Valid-Until|Date) /.test(line));
    return [
        `Acquire::http::Proxy "${CACHE_URL}"`,
        'Acquire::Languages "none"',
        ...inherited.map((line) => line.replace(/;$/, "")),
    ];
}

function recipeHash(plan: Plan): string {
    const hash = createHash("sha256").update(JSON.stringify(plan));
    const files = readdirSync(RECIPE, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
    );
    const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
    for (const path of paths) hash.update(path.slice(RECIPE.length)).update("\0").update(readFileSync(path));
    return hash.digest("hex").slice(0, 12);
}
