/** "Did you mean …?": the known names nearest to a misspelt one. */

/** Optimal string alignment distance: insertions, deletions, substitutions, and swaps of neighbours count 1. */
export function editDistance(a: string, b: string): number {
  let [older, old] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(old[j]! + 1, row[j - 1]! + 1, old[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, older[j - 2]! + 1);
      row.push(best);
    }
    [older, old] = [old, row];
  }
  return old[b.length]!;
}

const plain = (name: string) => name.toLowerCase().replaceAll(/[-_.\s]/g, "");

/** The nearest name, when it is near enough to be meant: at most 3 edits and 60 % of the longer word, or a beginning. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const wanted = plain(name);
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const word = plain(candidate);
    const distance = wanted.length > 1 && word.startsWith(wanted) ? 0.5 : editDistance(wanted, word);
    const near = distance <= 3 && distance <= 0.6 * Math.max(wanted.length, word.length);
    if (near && distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** `; did you mean "dark"?`, or nothing: the end of a message about an unknown name. */
export function suggestion(name: string, known: Iterable<string>): string {
  const meant = nearest(name, known);
  return meant === undefined ? "" : `; did you mean "${meant}"?`;
}
