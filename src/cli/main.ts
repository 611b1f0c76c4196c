#!/usr/bin/env node
import "../nodeVersion.ts";

import { Command } from "commander";
import { dbCommand } from "./db/command.ts";
import { forgetCommand } from "./forget.ts";
import { Unable } from "./unable.ts";

const program = new Command("evenkeel")
    .description("What is done to a deployed stack by hand.")
    .showHelpAfterError("(--help tells what there is)")
    .addCommand(dbCommand())
    .addCommand(forgetCommand());

program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Unable ? error.message : error);
    process.exitCode = 1;
});
