import { stripVTControlCharacters } from "node:util";

/** One live line on stderr: what is being done, for how long, and how far it is. */
export interface Headline {
    detail(text: string): void;
    /** A line that stays, above the live one. */
    lasting(text: string): void;
    /** Replaces the live line by its last word, which stays. */
    end(text: string): void;
}

const REDRAW_MS = 250;
/** Where no terminal redraws the line, a log still shows that the work goes on. */
const HEARTBEAT_MS = 20_000;

export function headline(title: string, stream: NodeJS.WriteStream = process.stderr): Headline {
    const started = Date.now();
    let latest = "";
    const line = (text: string) => [title, elapsed(Date.now() - started), text].filter(Boolean).join("  ");
    const draw = () =>
        stream.isTTY
            ? stream.write(`\r\x1b[K${shortened(line(latest), stream.columns ?? 80)}`)
            : stream.write(`${line(latest)}\n`);
    const stays = (text: string) => stream.write(`${stream.isTTY ? "\r\x1b[K" : ""}${text}\n`);
    draw();
    const timer = setInterval(draw, stream.isTTY ? REDRAW_MS : HEARTBEAT_MS);
    // A forgotten headline must not keep a finished program alive.
    timer.unref();
    return {
        detail(text) {
            latest = lastLine(text) || latest;
        },
        lasting(text) {
            stays(text);
            if (stream.isTTY) draw();
        },
        end(text) {
            clearInterval(timer);
            stays(line(text));
        },
    };
}

export function elapsed(ms: number): string {
    const seconds = Math.round(ms / 1000);
    if (seconds < 60) return `${seconds} s`;
    return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** The last line of a program's output with anything to read in it. */
export function lastLine(text: string): string {
    const lines = stripVTControlCharacters(text)
        .split(/[\r\n]+/)
        .map((line) => line.trim());
    return lines.findLast((line) => line !== "") ?? "";
}

function shortened(text: string, columns: number): string {
    return text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
}

/** Does a long step under a headline, which ends with "done" or "failed". */
export async function step<Result>(
    title: string,
    work: (detail: (text: string) => void) => Promise<Result>,
): Promise<Result> {
    const progress = headline(title);
    try {
        const result = await work(progress.detail);
        progress.end("done");
        return result;
    } catch (error) {
        progress.end("failed");
        throw error;
    }
}
