/** What one line of the engine's piped output tells. */
export type EngineLine =
    | { kind: "phase"; phase: "preview" | "update" }
    | { kind: "section"; title: string }
    | { kind: "step"; type: string; name: string; text: string }
    | { kind: "beat" }
    | { kind: "other" };

/** A resource's row: what is done to it (none for what stays), its type and name, then how far that is. */
const STEP = /^ [ +~<>=-]{2,4} ([\w-]+:[\w/-]*:\w+) (\S+) ?(.*)$/;

export function readLine(line: string): EngineLine {
    const phase = /^(Previewing update|Updating) \(/.exec(line);
    if (phase) return { kind: "phase", phase: phase[1] === "Updating" ? "update" : "preview" };
    const section = /^(Diagnostics|Outputs|Resources|Duration):/.exec(line);
    if (section) return { kind: "section", title: section[1]! };
    const step = STEP.exec(line);
    if (step) return { kind: "step", type: step[1]!, name: step[2]!, text: step[3]!.trim() };
    return { kind: /^(@ |$)/.test(line) ? "beat" : "other" };
}

/** How far an update is with one resource. */
export type Progress =
    | { state: "begun"; verb: string }
    | { state: "done"; verb: string; seconds: number }
    | { state: "failed"; verb: string };

const BEGUN = /^(creat|updat|delet|replac|import|read)ing(?: \w+)? \(\d+s\)/;
const DONE =
    /^(created|updated|deleted|replaced|imported|read|discarded)(?: \w+)*(?: \((\d+(?:\.\d+)?)s\)| *$)/;
const FAILED = /^\*\*(.+?)\*\*/;

export function progressOf(text: string): Progress | undefined {
    const failed = FAILED.exec(text);
    if (failed) return { state: "failed", verb: failed[1]! };
    const done = DONE.exec(text);
    if (done) return { state: "done", verb: done[1]!, seconds: Number(done[2] ?? 0) };
    const begun = BEGUN.exec(text);
    return begun ? { state: "begun", verb: `${begun[1]}ing` } : undefined;
}
