import { entryOf, type Tree } from "./inventory.ts";
import { type Problem, refuse } from "./validation.ts";

/** Takes a folder of hosts for a component; refuses what overlaps with another one's of the program. */
export function claimTree(
    component: string,
    name: string,
    hosts: string[],
    propertyPath: string,
    tree: Tree,
): void {
    const by = `${component} "${name}"`;
    const problems = hosts.flatMap((host) =>
        entryOf(host)
            .trees.filter((other) => other.by !== by)
            .flatMap((other): Problem[] => {
                const overlap = overlapOf(tree, other);
                if (overlap === undefined) return [];
                const reason = `${overlap} on the host "${host}" belongs to ${other.by}`;
                return [{ propertyPath, reason }];
            }),
    );
    refuse(component, name, problems);
    for (const host of hosts) entryOf(host).trees.push({ ...tree, by });
}

/** What two trees have in common, such as a folder that holds the other one. */
function overlapOf(tree: Tree, other: Tree): string | undefined {
    if (!tree.files && !other.files)
        return isWithin(tree.path, other.path) || isWithin(other.path, tree.path) ? other.path : undefined;
    // Files of two components that are none of each other's may lie side by side.
    if (tree.files && other.files) return undefined;
    const [whole, some] = tree.files ? [other, tree] : [tree, other];
    const found = some.files!.find((file) => isWithin(`${some.path}/${file}`, whole.path));
    if (found === undefined) return undefined;
    return tree.files ? whole.path : `${some.path}/${found}`;
}

const isWithin = (path: string, folder: string) => `${path}/`.startsWith(`${folder}/`);
