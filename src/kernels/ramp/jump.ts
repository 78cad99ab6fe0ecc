/**
 * Two-point-difference search for cosmic-ray hits (READOUT §12; Anderson & Gordon 2011, PASP 123, 1237): the
 * difference of two reads that lies too far from the median difference of its ramp.
 */
import { bit } from "./segments.js";

export interface JumpInput {
  nx: number;
  ny: number;
  nints: number;
  ngroups: number;
  sci: Float32Array;
  /** Hits are flagged here. */
  groupdq: Uint8Array;
  /** e⁻/DN, and CDS noise [DN]. */
  gain: ArrayLike<number>;
  readNoise: ArrayLike<number>;
  nframes: number;
  /** Time between groups and reads in each, when they aren't all alike. */
  uneven: { step: Float64Array; reads: Float64Array } | null;
}

export interface JumpOptions {
  /** Thresholds in σ for four or more usable differences, for three, for two. */
  rejection: number;
  rejectionOfThree: number;
  rejectionOfTwo: number;
  /** Usable differences from which one pass with a common median is enough. */
  singlePass: number;
  /** Integrations (or, if `acrossGroups`, groups in all) from which σ clipping replaces the search. */
  clipFrom: number;
  acrossGroups: boolean;
  flagNeighbors: boolean;
  /** σ of a hit between which its four neighbours are flagged too. */
  neighborsFrom: number;
  neighborsTo: number;
  /** Hits of at least so many DN flag so many groups after them. */
  after: readonly { dn: number; groups: number }[];
  /** Judges that size at the median gain of all pixels instead of at each pixel's own. */
  medianGain: boolean;
}

const bad = bit.unusable | bit.saturated;

/** Flags hits in `groupdq`. */
export function findJumps(input: JumpInput, options: JumpOptions): void {
  const { nx, ny, nints, ngroups, groupdq } = input;
  const n = nx * ny;
  const usable = ngroups - unusableGroups(input);
  const count = options.acrossGroups ? nints * ngroups : nints;
  const clip = !input.uneven && count >= options.clipFrom;
  if (usable >= 3 || clip) {
    const work = makeWork(input);
    for (let p = 0; p < n; p++) {
      differences(input, work, p);
      if (clip) clipDifferences(input, work, p, options);
      else if (usable - 1 >= options.singlePass) singlePass(input, work, p, options.rejection);
      else iterate(input, work, p, options);
    }
    if (clip) undoFullGroups(input);
    if (options.flagNeighbors) flagNeighbors(input, work, options);
    for (const { dn, groups } of options.after)
      if (groups > 0) flagAfter(input, work, dn, groups, options.medianGain);
  }
  for (let at = 0; at < groupdq.length; at++) if ((groupdq[at]! & bad) !== 0) groupdq[at]! &= ~bit.jump;
}

/** Groups that nobody can use, in the integration that has most of them. */
function unusableGroups({ nx, ny, nints, ngroups, groupdq }: JumpInput): number {
  const n = nx * ny;
  let most = 0;
  for (let i = 0; i < nints; i++) {
    let count = 0;
    for (let g = 0; g < ngroups; g++) {
      const group = groupdq.subarray((i * ngroups + g) * n, (i * ngroups + g + 1) * n);
      if (group.every((flag) => (flag & bit.unusable) !== 0)) count++;
    }
    most = Math.max(most, count);
  }
  return most;
}

type Work = ReturnType<typeof makeWork>;

function makeWork({ nints, ngroups, nx, ny }: JumpInput) {
  const total = nints * (ngroups - 1);
  return {
    /** Differences of the pixel at hand [e⁻, or e⁻/s when uneven], [nints][ngroups − 1]. */
    d: new Float64Array(total),
    sorted: new Float64Array(total),
    /** Read-noise variance and median difference of the pixel at hand. */
    noise: 0,
    median: 0,
    /** Median difference of every pixel, for the steps that look back. */
    medians: new Float64Array(nx * ny),
    pixels: nx * ny,
  };
}

function differences(input: JumpInput, work: Work, p: number): void {
  const { nints, ngroups, sci, groupdq, gain, readNoise, uneven } = input;
  const n = work.pixels;
  const g = gain[p]!;
  const { d } = work;
  for (let i = 0, k = 0; i < nints; i++) {
    let before = NaN;
    for (let j = 0, at = i * ngroups * n + p; j < ngroups; j++, at += n) {
      const x = g > 0 && (groupdq[at]! & bad) === 0 ? Math.fround(sci[at]! * g) : NaN;
      if (j > 0) d[k++] = Math.fround(x - before) / (uneven ? uneven.step[j - 1]! : 1);
      before = x;
    }
  }
  const noise = Math.fround(readNoise[p]! * g);
  work.noise = noise * noise;
  work.median = medianOf(d, work.sorted);
  work.medians[p] = work.median;
}

/** Median of the numbers among `values`. */
function medianOf(values: Float64Array, sorted: Float64Array): number {
  let n = 0;
  for (let k = 0; k < values.length; k++) if (values[k] === values[k]) sorted[n++] = values[k]!;
  if (n === 0) return NaN;
  const part = sorted.subarray(0, n).sort();
  return (n & 1) === 1 ? part[n >> 1]! : (part[n / 2 - 1]! + part[n / 2]!) / 2;
}

/** Noise of difference `j` of a ramp with this median difference and read-noise variance. */
function sigmaOf({ nframes, uneven }: JumpInput, median: number, noise: number, j: number): number {
  if (!uneven) return Math.sqrt(Math.abs(median) + noise / nframes);
  const step = uneven.step[j]!;
  const reads = (uneven.reads[j]! + uneven.reads[j + 1]!) / 2;
  return Math.sqrt(Math.abs(median) * step + noise / reads) / step;
}

function flag({ ngroups, groupdq }: JumpInput, work: Work, p: number, k: number): void {
  const i = Math.floor(k / (ngroups - 1));
  const j = k % (ngroups - 1);
  groupdq[(i * ngroups + j + 1) * work.pixels + p]! |= bit.jump;
}

function singlePass(input: JumpInput, work: Work, p: number, threshold: number): void {
  const { d, median, noise } = work;
  for (let k = 0; k < d.length; k++) {
    const sigma = sigmaOf(input, median, noise, k % (input.ngroups - 1));
    // σ = 0 flags nothing
    if (Math.abs(d[k]! - median) / (sigma > 0 ? sigma : Infinity) > threshold) flag(input, work, p, k);
  }
}

/** One hit after the other, with the median of what is left. */
function iterate(input: JumpInput, work: Work, p: number, options: JumpOptions): void {
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
function clipDifferences(
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

/** A group in which every pixel is hit or unusable wasn't hit: it was read differently. */
function undoFullGroups({ nx, ny, groupdq }: JumpInput): void {
  const n = nx * ny;
  for (let at = 0; at < groupdq.length; at += n) {
    const group = groupdq.subarray(at, at + n);
    if (!group.every((one) => (one & (bit.jump | bit.unusable)) !== 0)) continue;
    for (let p = 0; p < n; p++) if (group[p] === bit.jump) group[p] = 0;
  }
}

/** Hits of a certain size spill into the four neighbours; those don't spill further. */
function flagNeighbors(input: JumpInput, work: Work, { neighborsFrom, neighborsTo }: JumpOptions): void {
  const { nx, ny, nints, ngroups, groupdq } = input;
  const n = nx * ny;
  const hits = new Uint32Array(n);
  for (let i = 0; i < nints; i++)
    for (let j = 0; j + 1 < ngroups; j++) {
      const group = groupdq.subarray((i * ngroups + j + 1) * n, (i * ngroups + j + 2) * n);
      let count = 0;
      for (let p = 0; p < n; p++) {
        if ((group[p]! & bit.jump) === 0) continue;
        const ratio = deviation(input, work, p, i, j);
        if (ratio > neighborsFrom && ratio < neighborsTo) hits[count++] = p;
      }
      for (let h = 0; h < count; h++) {
        const p = hits[h]!;
        const x = p % nx;
        const spill = (q: number): void => {
          if ((group[q]! & bad) === 0) group[q]! |= bit.jump;
        };
        if (p >= nx) spill(p - nx);
        if (p + nx < n) spill(p + nx);
        if (x > 0) spill(p - 1);
        if (x + 1 < nx) spill(p + 1);
      }
    }
}

/** |d − median|/σ of difference `j`, again from the samples. */
function deviation(input: JumpInput, work: Work, p: number, i: number, j: number): number {
  const noise = Math.fround(input.readNoise[p]! * input.gain[p]!);
  const sigma = sigmaOf(input, work.medians[p]!, noise * noise, j);
  return Math.abs(excess(input, work, p, i, j)) / (sigma > 0 ? sigma : Infinity);
}

function excess(
  { ngroups, sci, gain, uneven }: JumpInput,
  work: Work,
  p: number,
  i: number,
  j: number,
): number {
  const at = (i * ngroups + j) * work.pixels + p;
  const g = gain[p]!;
  const d = Math.fround(Math.fround(sci[at + work.pixels]! * g) - Math.fround(sci[at]! * g));
  return d / (uneven ? uneven.step[j]! : 1) - work.medians[p]!;
}

/** Large hits leave a transient: the groups after them are flagged too. */
function flagAfter(input: JumpInput, work: Work, dn: number, groups: number, medianGain: boolean): void {
  const { nints, ngroups, groupdq, gain } = input;
  const n = work.pixels;
  const reach = Math.min(groups, ngroups - 2);
  const gains = medianGain ? Float64Array.from({ length: n }, (_, p) => gain[p]!) : null;
  const common = gains ? medianOf(gains, new Float64Array(n)) : NaN;
  for (let p = 0; p < n; p++)
    for (let i = 0; i < nints; i++) {
      const hits: number[] = [];
      for (let j = 0; j + 1 < ngroups; j++)
        if (
          (groupdq[(i * ngroups + j + 1) * n + p]! & bit.jump) !== 0 &&
          excess(input, work, p, i, j) >= dn * (medianGain ? common : gain[p]!)
        )
          hits.push(j + 1);
      for (const hit of hits)
        for (let g = hit + 1; g <= Math.min(hit + reach, ngroups - 1); g++) {
          const at = (i * ngroups + g) * n + p;
          if ((groupdq[at]! & bad) === 0) groupdq[at]! |= bit.jump;
        }
    }
}
