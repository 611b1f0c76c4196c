/** A whole number above zero, or undefined. */
export function positive(text: string | undefined): number | undefined {
    const number = Number(text);
    return Number.isInteger(number) && number > 0 ? number : undefined;
}
