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
  const { nints, ngroups } = input;
  const { d, noise, sorted } = work;
  const per = ngroups - 1;
  for (;;) {
    let count = 0;
    for (let k = 0; k < d.length; k++) if (d[k] === d[k]) sorted[count++] = Math.abs(d[k]!);
    if (count < 2) return;
    const part = sorted.subarray(0, count).sort();
    let left = count === 2 ? 1 : count;
    if (count >= 4) while (left > 0 && part[left - 1] === part[count - 1]) left--;
    const middle =
      (left & 1) === 1 ? part[left >> 1]! : left > 0 ? (part[left / 2 - 1]! + part[left / 2]!) / 2 : NaN;
    const m = Math.fround(middle);
    const threshold =
      count >= 4 ? options.rejection : count === 3 ? options.rejectionOfThree : options.rejectionOfTwo;
    const ratio = (k: number): number => {
      const sigma = sigmaOf(input, m, noise, k % per);
      return Math.abs(Math.fround(Math.abs(d[k]!) - m)) / (sigma > 0 ? sigma : Infinity);
    };
    let best = -Infinity;
    for (let k = 0; k < d.length; k++) if (ratio(k) > best) best = ratio(k);
    let found = false;
    for (let i = 0; i < nints; i++)
      for (let k = i * per; k < (i + 1) * per; k++)
        if (ratio(k) === best && best > threshold) {
          flag(input, work, p, k);
          d[k] = NaN;
          found = true;
        }
    if (!found) return;
  }
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
