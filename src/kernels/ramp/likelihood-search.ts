/** The search for hits: differences are left out as long as that improves χ² enough (READOUT §15.3, §15.4). */
import { medianOf } from "../image/select.js";
import type { Differences } from "./likelihood-differences.js";
import { prepare, solve, type Work } from "./likelihood-solve.js";

/** Thresholds for hits of `sigma` standard deviations: σ² for one, and the same probability for two; 4.5 is usual. */
export function thresholdsOf(sigma: number): [number, number] {
  return sigma === 4.5 ? [20.25, 23.8] : [sigma * sigma, -2 * logErfc(sigma / Math.SQRT2)];
}

/** ln erfc(x), x > 0: Lentz's continued fraction. */
function logErfc(x: number): number {
  let f = 0;
  for (let k = 200; k > 0; k--) f = k / 2 / (x + f);
  return -x * x - Math.log((x + f) * Math.sqrt(Math.PI));
}

/** Leaves out hits one after the other, with the covariance of a fixed guess; gives the rate of what is left. */
export function search(
  work: Work,
  differences: Differences,
  photon: number,
  rho: number,
  thresholds: readonly [number, number],
  cut: number,
): number {
  const { use } = work;
  const { count } = differences;
  let used = 0;
  for (let g = 0; g < count; g++) used += use[g]!;
  prepare(work, differences, photon, rho);
  solve(work, count);
  let rate = work.B / work.K;
  if (used === 2) return dropOfTwo(work, differences, thresholds[0], cut) ?? rate;
  while (used >= 3) {
    const next = dropWorst(work, differences, used, thresholds);
    if (next === null) break;
    rate = next;
    used = 0;
    for (let g = 0; g < count; g++) used += use[g]!;
    if (used <= 3) break;
    solve(work, count);
  }
  return rate;
}

/** Of all differences, left out or not. */
export function median({ sorted, d }: Work): number {
  let n = 0;
  for (let g = 0; g < d.length; g++) if (d[g] === d[g]) sorted[n++] = d[g]!;
  return n === 0 ? 0 : medianOf(sorted, n);
}

/** Leaves out the difference, or the two around an averaged group, whose loss improves χ² most; null when none should go. */
function dropWorst(
  work: Work,
  { count, averaged }: Differences,
  used: number,
  [one, two]: readonly [number, number],
): number | null {
  const { alpha, beta, p, v, f, h, use, hit, B, K } = work;
  const link = (g: number): number => (g + 1 < count && use[g] === 1 && use[g + 1] === 1 ? beta[g]! : 0);
  for (let g = count - 1; g >= 0; g--) {
    const b = link(g);
    h[g] = alpha[g]! - (b === 0 ? 0 : (b * b) / h[g + 1]!);
  }
  const rate = B / K;
  let [best1, best2, at1, at2, rate1, rate2] = [-Infinity, -Infinity, -1, -1, 0, 0];
  for (let g = 0; g < count; g++) {
    if (use[g] === 0) continue;
    const D = 1 / (f[g]! + h[g]! - alpha[g]!);
    const M = D - (p[g]! * p[g]!) / K;
    const r = v[g]! - rate * p[g]!;
    const gain1 = finite((r * r) / M);
    if (gain1 > best1) [best1, at1, rate1] = [gain1, g, (B - (p[g]! * r) / M) / K];
    if (used < 4 || g + 1 >= count || use[g + 1] === 0 || averaged[g] === 0) continue;
    const D2 = 1 / (f[g + 1]! + h[g + 1]! - alpha[g + 1]!);
    const M2 = D2 - (p[g + 1]! * p[g + 1]!) / K;
    const off = -(link(g) / f[g]!) * D2 - (p[g]! * p[g + 1]!) / K;
    const r2 = v[g + 1]! - rate * p[g + 1]!;
    const det = M * M2 - off * off;
    const b = (r * M2 - r2 * off) / det;
    const c = (r2 * M - r * off) / det;
    const gain2 = finite(b * r + c * r2);
    if (gain2 > best2) [best2, at2, rate2] = [gain2, g, (B - b * p[g]! - c * p[g + 1]!) / K];
  }
  if (best1 - one > best2 - two) {
    if (!(best1 > one)) return null;
    use[at1] = 0;
    hit[at1] = 1;
    return rate1;
  }
  if (!(best2 > two)) return null;
  use[at2] = use[at2 + 1] = 0;
  hit[at2] = hit[at2 + 1] = 1;
  return rate2;
}

/**
 * Two differences that contradict each other: χ² doesn't tell which is wrong. A hit only adds charge, so the larger
 * goes, unless the smaller one ends in an averaged group just before saturation (`cut`), some of whose reads are clipped.
 */
function dropOfTwo(
  { B, K, E, d, use, hit }: Work,
  { averaged }: Differences,
  threshold: number,
  cut: number,
): number | null {
  if (!(E - (B * B) / K > threshold)) return null;
  const [first, last] = [use.indexOf(1), use.lastIndexOf(1)];
  const isClipped = last + 2 === cut && averaged[last] === 1 && d[last]! < d[first]!;
  const out = isClipped || d[last]! > d[first]! ? last : first;
  use[out] = 0;
  hit[out] = 1;
  return d[out === first ? last : first]!;
}

const finite = (x: number): number => (Number.isFinite(x) ? x : 0);
