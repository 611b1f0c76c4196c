/** Commands that act on the selected stack. */
const stackCommands = new Set(
    "cancel config console destroy down env import logs pre preview refresh stack state up update watch".split(
        " ",
    ),
);
/** Ways to come to a stack, for which there need not be one yet. */
const stackChoices = new Set(["init", "select", "ls", "rm"]);

/** Whether a command line acts on whichever stack is selected. */
export function needsStack(args: string[]): boolean {
    if (args.some((arg) => /^(-s|--stack(=.*)?|-h|--help)$/.test(arg))) return false;
    const [command, subcommand] = words(args);
    if (!command || !stackCommands.has(command)) return false;
    return !(command === "stack" && subcommand && stackChoices.has(subcommand));
}

/** The options by which a command line chooses its project's folder. */
export function directoryOf(args: string[]): string[] {
    const i = args.findIndex((arg) => /^(-C|--cwd)(=|$)/.test(arg));
    if (i < 0) return [];
    return args[i]?.includes("=") ? args.slice(i, i + 1) : args.slice(i, i + 2);
}

function words(args: string[]): string[] {
    const chosen = directoryOf(args);
    return args.filter((arg) => !arg.startsWith("-") && !chosen.includes(arg));
}
