import { inspect } from "node:util";
import * as pulumi from "@pulumi/pulumi";

/** One mistake in the arguments: where it is and what to do about it. */
export interface Problem {
    propertyPath: string;
    reason: string;
}

/** Throws one error that lists every mistake; called before anything is registered. */
export function refuse(component: string, name: string, problems: Problem[]): void {
    if (problems.length === 0) return;
    const message = `${component} "${name}" cannot be made from these arguments`;
    const error = new pulumi.InputPropertiesError({ message, errors: problems });
    // The language host shows an error as Node does: here the mistakes in words, and the program's lines alone.
    const reasons = problems.map(({ propertyPath, reason }) => `  ${propertyPath}: ${reason}`);
    const text = [`${message}:`, ...reasons, ...programLines(error.stack)].join("\n");
    throw Object.defineProperty(error, inspect.custom, { value: () => text });
}

function programLines(stack = ""): string[] {
    const library = new URL("..", import.meta.url).href;
    return stack
        .split("\n")
        .filter((line) => /^ +at /.test(line))
        .filter((line) => !line.includes(library) && !/\bnode:|node_modules/.test(line));
}

/** `problem` when the condition holds, else nothing: reads as a table of rules. */
export function when(condition: boolean, propertyPath: string, reason: string): Problem[] {
    return condition ? [{ propertyPath, reason }] : [];
}

export function portProblems(propertyPath: string, port: number | undefined): Problem[] {
    return when(
        port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535),
        propertyPath,
        `${port} is not a port: give a whole number from 1 to 65535`,
    );
}

/** Private IPv4 range with its host bits zero, /16 to /28 (what DigitalOcean's VPCs take). */
export function ipRangeProblems(propertyPath: string, range: string | undefined): Problem[] {
    if (range === undefined) return [];
    const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(range);
    const [a = 256, b = 256, c = 256, d = 256, bits = 33] = (match ?? []).slice(1).map(Number);
    if (!match || [a, b, c, d].some((octet) => octet > 255) || bits > 32) {
        return [{ propertyPath, reason: `"${range}" is not an IPv4 range: write it as 10.20.0.0/20` }];
    }
    const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    const isPrivate = a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168);
    return [
        ...when(
            !isPrivate,
            propertyPath,
            `"${range}" is not private: use 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16`,
        ),
        ...when(bits < 16 || bits > 28, propertyPath, `"${range}" must be between /16 and /28`),
        ...when(bits >= 16 && address % 2 ** (32 - bits) !== 0, propertyPath, `"${range}" has host bits set`),
    ];
}

const HOST_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function nameProblems(propertyPath: string, name: string): Problem[] {
    return when(
        !HOST_NAME.test(name),
        propertyPath,
        `"${name}" cannot be a host name: use lower-case letters, digits and hyphens`,
    );
}

export function pathProblems(propertyPath: string, path: string | undefined): Problem[] {
    return when(
        path !== undefined && !/^\/[\w\-.~%/+@:]*$/.test(path),
        propertyPath,
        `"${path}" is not a URL path: start it with / and use no spaces`,
    );
}
