import { cpSync, globSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { execa } from "execa";

// dist/ holds what npm publishes: the compiled library and the programs that it installs on hosts.
// It is made beside and put in place at the end: a program that runs meanwhile finds the former one.
const next = `node_modules/.cache/dist-${process.pid}`;
mkdirSync(next, { recursive: true });
try {
    const compiler = ["-p", "tsconfig.build.json", "--outDir", next];
    const compiled = await execa("tsc", compiler, { preferLocal: true, stdio: "inherit", reject: false });
    if (compiled.exitCode === 0) {
        for (const folder of globSync("src/*/onhost")) {
            cpSync(folder, `${next}/${relative("src", folder)}`, { recursive: true });
        }
        rmSync("dist", { recursive: true, force: true });
        renameSync(next, "dist");
    }
    process.exitCode = compiled.exitCode ?? 1;
} finally {
    rmSync(next, { recursive: true, force: true });
}
