import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../tools/paths.ts";

export interface Program {
    /** Folder with a program, relative to the checkout, such as "examples/websites"; it is copied, never written to. */
    program?: string;
    /** Files of the program by name, written over the copied ones. */
    files?: Record<string, string>;
}

/** A folder as a user's own would be: a program beside node_modules, in which the library is this checkout. */
export function writeProject(folder: string, { program, files }: Program): void {
    mkdirSync(join(folder, "node_modules"), { recursive: true });
    if (program) cpSync(join(checkout, program), folder, { recursive: true, filter: isProgramFile });
    symlinkSync(join(checkout, "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"));
    // What npm would install of this checkout: the language host looks into every folder for plugins.
    const library = join(folder, "node_modules", "evenkeel");
    mkdirSync(library);
    for (const part of ["package.json", "dist"]) symlinkSync(join(checkout, part), join(library, part));
    mkdirSync(join(folder, "node_modules", ".bin"));
    const command = `#!/bin/sh\nexec node '${join(library, "dist/cli/main.js")}' "$@"\n`;
    writeFileSync(join(folder, "node_modules", ".bin", "evenkeel"), command, { mode: 0o755 });
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
    for (const [name, text] of Object.entries(files ?? {})) writeFileSync(join(folder, name), text);
    const project = join(folder, "Pulumi.yaml");
    if (!existsSync(project)) writeFileSync(project, projectFor(program));
}

/** The flagship's project file is the checkout's own, from which its program is one folder away. */
function projectFor(program: string | undefined): string {
    const root = readFileSync(join(checkout, "Pulumi.yaml"), "utf8");
    return root.includes(`main: ${program}/`) ? root.replace(`main: ${program}/`, "main: ") : PROJECT;
}

const PROJECT = `name: test
main: index.ts
runtime:
  name: nodejs
  options:
    typescript: false
`;

function isProgramFile(path: string): boolean {
    return !/\/(node_modules|Pulumi\.[^/]+\.yaml)$/.test(path);
}
