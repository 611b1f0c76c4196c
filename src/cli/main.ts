#!/usr/bin/env node
import "../nodeVersion.ts";

import { Command } from "commander";
import { dbCommand } from "./db/command.ts";
import { Unable } from "./unable.ts";

const program = new Command("evenkeel")
    .description("What is done to a deployed stack by hand.")
    .showHelpAfterError("(--help tells what there is)")
    .addCommand(dbCommand());

program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Unable ? error.message : error);
    process.exitCode = 1;
});
