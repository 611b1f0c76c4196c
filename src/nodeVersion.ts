/** What is wrong with a version of Node: from 22.18 on it runs TypeScript as it is. */
export function nodeProblem(version: string): string | undefined {
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major > 22 || (major === 22 && minor >= 18)) return undefined;
    return `evenkeel needs Node 22.18 or newer, and this is ${version}`;
}

// Whoever imports this module first fails with that line alone, before anything that an older Node lacks.
const problem = nodeProblem(process.versions.node);
if (problem !== undefined) {
    console.error(problem);
    process.exit(1);
}
