/** The version that is downloaded or built where no recent enough one is installed. */
export const PULUMI_VERSION = "3.259.0";
/** The oldest installed version that is used as it is. */
export const OLDEST_PULUMI_VERSION = "3.200.0";

/** The dotted numbers in a program's answer about its version, such as "v3.259.0" or "go version go1.26.8 linux". */
export function versionIn(text: string): string | undefined {
    return /\d+\.\d+(\.\d+)?/.exec(text)?.[0];
}

export function isAtLeast(version: string, oldest: string): boolean {
    const [have, want] = [version, oldest].map((text) => text.split(".").map(Number));
    for (const [i, wanted] of (want ?? []).entries()) {
        const had = have?.[i] ?? 0;
        if (had !== wanted) return had > wanted;
    }
    return true;
}
