import { entryOf } from "./inventory.ts";
import { type Problem, refuse } from "./validation.ts";

/**
 * Requests that are pinned to a host may write its files. On a host that has another one's files what they write is lost, so
 * the source of the files and the host of the pin have to be one.
 */
interface Pin {
    propertyPath: string;
    path: string;
    /** The host's name. */
    to: string;
}

/** Notes pins, unless one leads to a copy of another host's files. */
export function notePins(component: string, name: string, pins: Pin[]): void {
    const by = `${component} "${name}"`;
    const problems = pins.flatMap(({ propertyPath, to }): Problem[] => {
        const copy = misleading(to);
        if (!copy) return [];
        const reason = `"${to}" has its files from "${copy.source}" by ${copy.by}: what is written there is lost; pin it to "${copy.source}"`;
        return [{ propertyPath, reason }];
    });
    refuse(component, name, problems);
    for (const { path, to } of pins) entryOf(to).pins.push({ by, path });
}

/** Notes that hosts have another one's files, unless requests are pinned to one of them. */
export function noteCopies(component: string, name: string, source: string, targets: string[]): void {
    const by = `${component} "${name}"`;
    entryOf(source).sources.push(by);
    const problems = targets.flatMap((host, i): Problem[] => {
        const { pins, sources } = entryOf(host);
        const [pin] = pins;
        if (!pin || sources.length > 0) return [];
        const reason = `${pin.by} pins ${pin.path} to "${host}", and what is written there would be lost: pin it to the source "${source}"`;
        return [{ propertyPath: `targets[${i}]`, reason }];
    });
    refuse(component, name, problems);
    for (const host of targets) entryOf(host).copies.push({ by, source });
}

/** What a host has from another one, if no other host has anything from it. */
function misleading(host: string) {
    const { copies, sources } = entryOf(host);
    return sources.length > 0 ? undefined : copies[0];
}
