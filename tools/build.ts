import { cpSync, rmSync } from "node:fs";
import { execa } from "execa";

// dist/ holds what npm publishes: the compiled library and the programs that it installs on hosts.
rmSync("dist", { recursive: true, force: true });
await execa("tsc", ["-p", "tsconfig.build.json"], { preferLocal: true, stdio: "inherit" });
cpSync("src/onhost", "dist/onhost", { recursive: true });
