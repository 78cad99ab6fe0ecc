/** What differs between two texts, line by line, in the unified form of `diff -u`. */

/** Beyond so many edits two texts are simply different: the search takes the square of their number in memory. */
const mostEdits = 2000;

/** Lines of the longest common subsequence as pairs of indices (Myers 1986, An O(ND) difference algorithm). */
function commonLines(a: readonly string[], b: readonly string[]): [number, number][] {
  const reach = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let edits = 0; edits <= mostEdits; edits++) {
    trace.push(new Map(reach));
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && reach.get(k - 1)! < reach.get(k + 1)!);
      let x = down ? reach.get(k + 1)! : reach.get(k - 1)! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach.set(k, x);
      if (x >= a.length && x - k >= b.length) return backtrack(a, b, trace);
    }
  }
  return [];
}

function backtrack(
  a: readonly string[],
  b: readonly string[],
  trace: readonly ReadonlyMap<number, number>[],
): [number, number][] {
  const pairs: [number, number][] = [];
  let [x, y] = [a.length, b.length];
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const reach = trace[edits]!;
    const k = x - y;
    const down = k === -edits || (k !== edits && reach.get(k - 1)! < reach.get(k + 1)!);
    const fromX = reach.get(down ? k + 1 : k - 1)!;
    const fromY = fromX - (down ? k + 1 : k - 1);
    while (x > fromX && y > fromY && x > 0 && y > 0) pairs.push([--x, --y]);
    [x, y] = [fromX, fromY];
  }
  return pairs.reverse();
}

interface Line {
  sign: " " | "-" | "+";
  text: string;
  /** Lines of either text before this one. */
  before: [number, number];
}

function editScript(a: readonly string[], b: readonly string[]): Line[] {
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  for (const [x, y] of [...commonLines(a, b), [a.length, b.length] as const]) {
    while (i < x) lines.push({ sign: "-", text: a[i]!, before: [i++, j] });
    while (j < y) lines.push({ sign: "+", text: b[j]!, before: [i, j++] });
    if (x < a.length && y < b.length) lines.push({ sign: " ", text: a[x]!, before: [i++, j++] });
  }
  return lines;
}

const linesOf = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** Empty when the texts are the same; else two name lines and the hunks, with three lines around each change. */
export function diffText(old: string, now: string, names: readonly [string, string]): string[] {
  const script = editScript(linesOf(old), linesOf(now));
  const near = new Set<number>();
  script.forEach(({ sign }, at) => {
    if (sign !== " ") for (let i = at - 3; i <= at + 3; i++) near.add(i);
  });
  const hunks: Line[][] = [];
  script.forEach((line, at) => {
    if (!near.has(at)) return;
    if (near.has(at - 1) && at > 0) hunks.at(-1)!.push(line);
    else hunks.push([line]);
  });
  if (hunks.length === 0) return [];
  return [`--- ${names[0]}`, `+++ ${names[1]}`, ...hunks.flatMap(formatHunk)];
}

function formatHunk(lines: readonly Line[]): string[] {
  const range = (side: 0 | 1, other: "-" | "+"): string => {
    const count = lines.filter(({ sign }) => sign !== other).length;
    return `${lines[0]!.before[side] + (count > 0 ? 1 : 0)},${count}`;
  };
  return [`@@ -${range(0, "+")} +${range(1, "-")} @@`, ...lines.map(({ sign, text }) => `${sign}${text}`)];
}
