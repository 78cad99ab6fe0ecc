/** The distortion of a camera from measured and ideal positions: a polynomial by least squares, and its SIP keywords. */
import { StepError } from "../errors.js";
import { solve } from "../kernels/image/solve.js";
import type { KeywordValue } from "../data/exposure.js";

export type Position = readonly [x: number, y: number];

export interface Distortion {
  order: number;
  origin: Position;
  /** Powers of the terms of x and y: all i + j ≤ order. */
  terms: readonly { i: number; j: number }[];
  /** x' − x and y' − y = Σ c[k]·u^i·v^j, u and v from the origin. */
  dx: Float64Array;
  dy: Float64Array;
  /** Residuals of the positions kept, pixels. */
  rms: Position;
  used: number;
}

const CLIP = 3;
const MAX_PASSES = 5;

/**
 * Fits `to` − `from` over `from`; positions more than 3 rms off are left out, in at most 5 passes.
 * @throws StepError when there are fewer positions than terms, or they lie on a line.
 */
export function fitDistortion(
  from: readonly Position[],
  to: readonly Position[],
  { order, origin }: { order: number; origin: Position },
): Distortion {
  const terms = Array.from({ length: order + 1 }, (_, i) =>
    Array.from({ length: order + 1 - i }, (__, j) => ({ i, j })),
  ).flat();
  // Powers of pixels span many orders of magnitude: the fit is done in units of the largest distance.
  const scale = Math.max(1, ...from.flatMap(([x, y]) => [Math.abs(x - origin[0]), Math.abs(y - origin[1])]));
  const rows = from.map(([x, y]) => powers(terms, (x - origin[0]) / scale, (y - origin[1]) / scale));
  const shifts = [0, 1].map((axis) => from.map((place, k) => to[k]![axis]! - place[axis]!));
  let kept = from.map((_, k) => k);
  for (let pass = 0; ; pass++) {
    const [dx, dy] = shifts.map((shift) => leastSquares(rows, shift, kept, terms.length));
    const left = from.map((_, k) =>
      [0, 1].map((axis) => shifts[axis]![k]! - dot(rows[k]!, axis ? dy! : dx!)),
    );
    const rms = [0, 1].map((axis) =>
      Math.sqrt(kept.reduce((sum, k) => sum + left[k]![axis]! ** 2, 0) / kept.length),
    ) as [number, number];
    // Residuals at the rounding of the positions mean nothing.
    const limit = Math.max(CLIP * Math.hypot(...rms), 1e-9 * scale);
    const next = from.map((_, k) => k).filter((k) => Math.hypot(...left[k]!) <= limit);
    if (pass === MAX_PASSES || (next.length === kept.length && next.every((k, n) => k === kept[n]))) {
      const unscaled = (c: Float64Array): Float64Array =>
        c.map((value, k) => value / scale ** (terms[k]!.i + terms[k]!.j));
      return { order, origin, terms, dx: unscaled(dx!), dy: unscaled(dy!), rms, used: kept.length };
    }
    kept = next;
  }
}

/** Where the distortion puts a position. */
export function distort({ terms, origin, dx, dy }: Distortion, [x, y]: Position): Position {
  const row = powers(terms, x - origin[0], y - origin[1]);
  return [x + dot(row, dx), y + dot(row, dy)];
}

/**
 * SIP keywords: `forward` (A, B) turns measured pixels into ideal ones, `inverse` (AP, BP) turns them back. Both have
 * the reference pixel as origin; constant and linear terms stay in, so that CRPIX and CD needn't change.
 */
export function sipKeywords(forward: Distortion, inverse: Distortion): Record<string, KeywordValue> {
  const cards: [string, KeywordValue][] = [];
  for (const [suffix, { order, terms, dx, dy }] of [
    ["", forward],
    ["P", inverse],
  ] as const)
    for (const [letter, c] of [
      ["A", dx],
      ["B", dy],
    ] as const) {
      cards.push([`${letter}${suffix}_ORDER`, order]);
      terms.forEach(({ i, j }, k) => cards.push([`${letter}${suffix}_${String(i)}_${String(j)}`, c[k]!]));
    }
  return Object.fromEntries(cards);
}

const powers = (terms: Distortion["terms"], u: number, v: number): Float64Array =>
  Float64Array.from(terms, ({ i, j }) => u ** i * v ** j);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function leastSquares(
  rows: readonly Float64Array[],
  values: readonly number[],
  kept: readonly number[],
  n: number,
): Float64Array {
  const normal = new Float64Array(n * n);
  const right = new Float64Array(n);
  for (const k of kept) {
    const row = rows[k]!;
    for (let i = 0; i < n; i++) {
      right[i]! += row[i]! * values[k]!;
      for (let j = 0; j < n; j++) normal[i * n + j]! += row[i]! * row[j]!;
    }
  }
  const matrix = normal.slice();
  const result = right.slice();
  if (kept.length < n || !solve(matrix, result, n))
    throw new StepError(
      `distortion fit: on ${String(kept.length)} positions — they don't tell ${String(n)} terms apart`,
      { hint: "take a smaller order, or more positions all over the frame" },
    );
  refine(result, normal, right, n);
  return result;
}

/** One step of iterative refinement: the normal equations square the condition of the problem. */
function refine(x: Float64Array, normal: Float64Array, right: Float64Array, n: number): void {
  const left = right.map((value, i) => value - dot(normal.subarray(i * n, i * n + n), x));
  if (solve(normal.slice(), left, n)) for (let i = 0; i < n; i++) x[i]! += left[i]!;
}
