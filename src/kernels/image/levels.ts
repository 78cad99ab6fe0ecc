/** Levels of several images from the differences between pairs of them: least squares. */
import { solve } from "./solve.js";

/** level(a) − level(b) = difference, as sure as `weight`. */
export interface LevelPair {
  a: number;
  b: number;
  difference: number;
  weight: number;
}

/**
 * The `n` levels that fit all pairs best. Differences leave the mean open: it is 0 in every set of images that are joined
 * by pairs, and so is the level of an image that is in none.
 */
export function solveLevels(n: number, pairs: readonly LevelPair[]): Float64Array {
  const set = Int32Array.from({ length: n }, (_, k) => k);
  const rootOf = (k: number): number => (set[k] === k ? k : (set[k] = rootOf(set[k]!)));
  for (const { a, b } of pairs) set[rootOf(a)] = rootOf(b);
  const total = pairs.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const matrix = new Float64Array(n * n);
  const right = new Float64Array(n);
  for (const { a, b, difference, weight } of pairs) {
    const w = weight / total;
    matrix[a * n + a]! += w;
    matrix[b * n + b]! += w;
    matrix[a * n + b]! -= w;
    matrix[b * n + a]! -= w;
    right[a]! += w * difference;
    right[b]! -= w * difference;
  }
  // Σ levels of a set = 0, as one more equation: it changes nothing that the differences say.
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) if (rootOf(i) === rootOf(j)) matrix[i * n + j]! += 1 / n;
  solve(matrix, right, n);
  return right;
}
