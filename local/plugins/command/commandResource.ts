import { diffInputs } from "../kit/diff.ts";
import { uniqueHex } from "../kit/names.ts";
import type { Call, Diff, Resource } from "../kit/resource.ts";
import { equal, type Props, text, UNKNOWN, withoutNulls } from "../kit/values.ts";

/** Runs a command text with these inputs; `olds` hold what the run before printed. */
export type Run = (command: string, inputs: Props, olds: Props, call: Call) => Promise<Props>;

interface Kind {
    /** Inputs or outputs as state has them: with defaults filled in, and secrets marked. */
    inState(props: Props): Props;
    /** Properties whose insides are never told apart in a diff. */
    opaque: readonly string[];
    run: Run;
}

/** What remote and local commands have in common: when they run, and what a preview says. */
export function commandResource({ inState, opaque, run }: Kind): Resource {
    return {
        check: ({ news }) => ({ inputs: inState(withoutNulls(news)) }),
        diff({ olds, oldInputs, news }) {
            const before = Object.keys(oldInputs).length > 0 ? oldInputs : pick(olds, Object.keys(news));
            return { details: changes(before, news, opaque) };
        },
        preview(news, olds) {
            if (!olds) return inState({ ...news, stdout: UNKNOWN, stderr: UNKNOWN });
            const changed = Object.keys(news).some((name) => name in olds && !equal(news[name], olds[name]));
            const { stdout = "", stderr = "" } = olds;
            return inState({
                ...news,
                stdout: changed ? UNKNOWN : stdout,
                stderr: changed ? UNKNOWN : stderr,
            });
        },
        // Nothing is looked at, but secrets come without their marks.
        read: async (id, olds, inputs) => ({ id, outputs: inState(olds), inputs: inState(inputs) }),
        async create(inputs, call) {
            const printed =
                inputs.create === undefined ? nothing : await run(text(inputs.create), inputs, {}, call);
            return { id: uniqueHex(call.name, 8), outputs: inState({ ...inputs, ...printed }) };
        },
        async update(_id, olds, news, call) {
            const command = news.update ?? news.create;
            const { stdout = "", stderr = "" } = olds;
            const printed =
                command === undefined ? { stdout, stderr } : await run(text(command), news, olds, call);
            return inState({ ...news, ...printed });
        },
        async delete(_id, olds, call) {
            if (olds.delete !== undefined && olds.delete !== null)
                await run(text(olds.delete), olds, olds, call);
        },
    };
}

const nothing = { stdout: "", stderr: "" };

function changes(olds: Props, news: Props, opaque: readonly string[]): Diff["details"] {
    const hide = (props: Props): Props => {
        const shown = Object.entries(props).filter(([name]) => !name.startsWith("__") && name !== "version");
        return Object.fromEntries(
            shown.map(([name, value]) => [
                name,
                opaque.includes(name) ? JSON.stringify(sorted(value)) : value,
            ]),
        );
    };
    const details = diffInputs(hide(olds), hide(news));
    // Single triggers are turned into replacements by the SDK's replaceOnChanges.
    if (details.triggers) details.triggers = `${details.triggers}-replace` as Diff["details"][string];
    return details;
}

function sorted(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, item]) => [key, sorted(item)]),
    );
}

function pick(props: Props, names: string[]): Props {
    return Object.fromEntries(
        names.filter((name) => name in props).map((name) => [name, props[name] ?? null]),
    );
}
