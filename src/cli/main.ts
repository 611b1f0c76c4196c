#!/usr/bin/env node
import "../nodeVersion.ts";

import { Command } from "commander";
import { dbCommand } from "./db/command.ts";
import { estimateCommand } from "./estimate/command.ts";
import { forgetCommand } from "./forget.ts";
import { rollbackCommand } from "./rollback.ts";
import { statusCommand } from "./status/command.ts";
import { Unable } from "./unable.ts";

const program = new Command("evenkeel")
    .description("What is seen of a deployed stack, and done to it by hand.")
    .showHelpAfterError("(--help tells what there is)")
    .addCommand(statusCommand())
    .addCommand(dbCommand())
    .addCommand(estimateCommand())
    .addCommand(rollbackCommand())
    .addCommand(forgetCommand());

program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Unable ? error.message : error);
    process.exitCode = 1;
});
