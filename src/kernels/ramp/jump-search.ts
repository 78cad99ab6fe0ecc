/** Which differences of one pixel lie too far from the others: in one pass, one after the other, or across integrations. */
import { flag, medianOf, sigmaOf, type JumpInput, type JumpOptions, type Work } from "./jump-work.js";

export function singlePass(input: JumpInput, work: Work, p: number, threshold: number): void {
  const { d, median, noise } = work;
  for (let k = 0; k < d.length; k++) {
    const sigma = sigmaOf(input, median, noise, k % (input.ngroups - 1));
    // σ = 0 flags nothing
    if (Math.abs(d[k]! - median) / (sigma > 0 ? sigma : Infinity) > threshold) flag(input, work, p, k);
  }
}

/** One hit after the other, with the median of what is left. */
export function iterate(input: JumpInput, work: Work, p: number, options: JumpOptions): void {
  const { d, noise, sorted } = work;
  const per = input.ngroups - 1;
  for (;;) {
    const count = sortSizes(sorted, d);
    if (count < 2) return;
    const m = Math.fround(middleOf(sorted, count));
    const threshold =
      count >= 4 ? options.rejection : count === 3 ? options.rejectionOfThree : options.rejectionOfTwo;
    let best = -Infinity;
    for (let k = 0; k < d.length; k++)
      best = larger(ratioOf(d[k]!, m, sigmaOf(input, m, noise, k % per)), best);
    if (!(best > threshold)) return;
    for (let k = 0; k < d.length; k++)
      if (ratioOf(d[k]!, m, sigmaOf(input, m, noise, k % per)) === best) {
        flag(input, work, p, k);
        d[k] = NaN;
      }
  }
}

/** NaN is never larger. */
const larger = (a: number, b: number): number => (a > b ? a : b);

/** σ = 0 flags nothing. */
const ratioOf = (d: number, m: number, sigma: number): number =>
  Math.abs(Math.fround(Math.abs(d) - m)) / (sigma > 0 ? sigma : Infinity);

/** The sizes of the numbers among `d` in ascending order; returns how many. */
function sortSizes(sorted: Float64Array, d: Float64Array): number {
  let count = 0;
  for (let k = 0; k < d.length; k++) {
    const size = Math.abs(d[k]!);
    if (size !== size) continue;
    // Short ramps: each goes to its place among those before it.
    let at = count++;
    for (; at > 0 && sorted[at - 1]! > size; at--) sorted[at] = sorted[at - 1]!;
    sorted[at] = size;
  }
  return count;
}

/** Median without the largest, all of them if they are several; of two the smaller. */
function middleOf(sorted: Float64Array, count: number): number {
  let left = count === 2 ? 1 : count;
  if (count >= 4) while (left > 0 && sorted[left - 1] === sorted[count - 1]) left--;
  if ((left & 1) === 1) return sorted[left >> 1]!;
  return left > 0 ? (sorted[left / 2 - 1]! + sorted[left / 2]!) / 2 : NaN;
}

/** Clips the differences of each group along the integrations, or all differences of the pixel, at ±rejection·σ. */
export function clipDifferences(
  input: JumpInput,
  work: Work,
  p: number,
  { rejection, acrossGroups }: JumpOptions,
): void {
  const { nints, ngroups } = input;
  const per = ngroups - 1;
  const [groups, stride, length] = acrossGroups ? [1, 1, nints * per] : [per, per, nints];
  for (let j = 0; j < groups; j++) {
    const values = Float64Array.from({ length }, (_, i) => work.d[j + i * stride]!);
    const rejected = clipSigma(values, rejection, work.sorted);
    rejected.forEach((out, i) => {
      if (out) flag(input, work, p, j + i * stride);
    });
  }
}

function clipSigma(values: Float64Array, k: number, sorted: Float64Array): boolean[] {
  const kept = Float64Array.from(values);
  for (let round = 0; round < 5; round++) {
    const centre = medianOf(kept, sorted);
    let [sum, squares, n] = [0, 0, 0];
    for (const value of kept)
      if (value === value) {
        sum += value;
        n++;
      }
    for (const value of kept) if (value === value) squares += (value - sum / n) ** 2;
    const limit = k * Math.sqrt(squares / n);
    let dropped = 0;
    kept.forEach((value, i) => {
      if (value < centre - limit || value > centre + limit) {
        kept[i] = NaN;
        dropped++;
      }
    });
    if (dropped === 0) break;
  }
  return Array.from(values, (value, i) => value === value && Number.isNaN(kept[i]!));
}
