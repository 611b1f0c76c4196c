/** The word of `words` that is most like `word`, if one is: at most a third of its letters differ, or two. */
export function nearest(word: string, words: readonly string[]): string | undefined {
    const most = Math.max(2, Math.floor(word.length / 3));
    const [best] = words
        .map((each) => ({ each, apart: distance(word.toLowerCase(), each.toLowerCase()) }))
        .filter(({ apart }) => apart <= most)
        .toSorted((one, other) => one.apart - other.apart);
    return best?.each;
}

/** Levenshtein's: how many letters to add, remove or exchange. */
function distance(one: string, other: string): number {
    let row = Array.from({ length: other.length + 1 }, (_, i) => i);
    for (const [i, letter] of [...one].entries()) {
        const next = [i + 1];
        for (let j = 0; j < other.length; j++) {
            const exchanged = row[j]! + (letter === other[j] ? 0 : 1);
            next.push(Math.min(exchanged, row[j + 1]! + 1, next[j]! + 1));
        }
        row = next;
    }
    return row[other.length]!;
}
