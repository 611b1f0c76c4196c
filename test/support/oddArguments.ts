import * as pulumi from "@pulumi/pulumi";
import { expect } from "vitest";
import { type GraphResource, graphOf } from "./graph.ts";
import { at, type FullProgram, fullPrograms, type Path, pathsOf } from "./programs.ts";

/** A place in the arguments of a program. */
type Placed = [program: FullProgram, path: Path];

export const isText = ([{ args }, path]: Placed) => typeof at(args, path) === "string";

/** What `folder` holds is read when the program runs. */
export const places: Placed[] = fullPrograms.flatMap((program) =>
    pathsOf(program.args).map((path): Placed => [program, path]),
);

/** The program with other arguments, or under another name. */
export const make = ({ Component, name }: FullProgram, args: unknown, called: unknown = name) =>
    new Component(called as string, args as never);

/** What was registered, or nothing if the arguments were refused in the one way there is. */
export async function graphUnlessRefused(program: () => unknown): Promise<GraphResource[] | undefined> {
    const { stackTraceLimit } = Error;
    // Pulumi notes a stack for each promise: of thousands of graphs that is half of the time.
    Error.stackTraceLimit = 0;
    try {
        return await graphOf(program);
    } catch (error) {
        if (!pulumi.InputPropertiesError.isInstance(error)) throw error;
        expect(error.errors).not.toEqual([]);
        return undefined;
    } finally {
        Error.stackTraceLimit = stackTraceLimit;
    }
}
