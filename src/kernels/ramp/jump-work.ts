/** What the parts of the search for hits share: its input and options, and the differences of the pixel at hand. */
import { medianOf as medianOfAll } from "../image/select.js";
import { bit } from "./segments.js";

export interface JumpInput {
  nx: number;
  ny: number;
  nints: number;
  ngroups: number;
  sci: Float32Array;
  /** Hits are flagged here. */
  groupdq: Uint8Array;
  /** Pixels [from, to) are searched; all of them, unless it is said. */
  pixels?: { from: number; to: number };
  /** Some sample may carry a flag before the search. */
  flagged: boolean;
  /** e⁻/DN, and CDS noise [DN]. */
  gain: Float64Array;
  readNoise: Float64Array;
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

/** A group with any of these says nothing. */
export const bad = bit.unusable | bit.saturated;

export type Work = ReturnType<typeof makeWork>;

export function makeWork({ nints, ngroups, nx, ny }: JumpInput) {
  const total = nints * (ngroups - 1);
  return {
    /** Differences of the pixel at hand [e⁻, or e⁻/s when uneven], [nints][ngroups − 1]. */
    d: new Float64Array(total),
    sorted: new Float64Array(total),
    /** Read-noise variance and median difference of the pixel at hand. */
    noise: 0,
    median: 0,
    pixels: nx * ny,
    /** Flagged groups: places in groupdq, and how many σ they are, NaN where that isn't known. */
    hits: [] as number[],
    ratios: [] as number[],
    /** Median differences that were asked for after the search. */
    medians: new Map<number, number>(),
  };
}

export function differences(input: JumpInput, work: Work, p: number): void {
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
}

/** Median of the numbers among `values`. */
export function medianOf(values: Float64Array, scratch: Float64Array): number {
  let n = 0;
  for (let k = 0; k < values.length; k++) if (values[k] === values[k]) scratch[n++] = values[k]!;
  return medianOfAll(scratch, n);
}

/** Noise of difference `j` of a ramp with this median difference and read-noise variance. */
export function sigmaOf({ nframes, uneven }: JumpInput, median: number, noise: number, j: number): number {
  if (!uneven) return Math.sqrt(Math.abs(median) + noise / nframes);
  const step = uneven.step[j]!;
  const reads = (uneven.reads[j]! + uneven.reads[j + 1]!) / 2;
  return Math.sqrt(Math.abs(median) * step + noise / reads) / step;
}

export function flag({ ngroups, groupdq }: JumpInput, work: Work, p: number, k: number): void {
  const i = Math.floor(k / (ngroups - 1));
  const j = k % (ngroups - 1);
  const at = (i * ngroups + j + 1) * work.pixels + p;
  if ((groupdq[at]! & bit.jump) === 0) addHit(work, at);
  groupdq[at]! |= bit.jump;
}

/** Notes a flagged group whose σ aren't known. */
export function addHit(work: Work, at: number): void {
  work.hits.push(at);
  work.ratios.push(NaN);
}

/** Hits that were flagged before, and aren't in unusable groups, count like those found here. */
export function collectGiven({ groupdq }: JumpInput, work: Work, p: number): void {
  for (let at = p; at < groupdq.length; at += work.pixels) {
    if ((groupdq[at]! & bit.jump) === 0) continue;
    if ((groupdq[at]! & bad) !== 0) groupdq[at]! &= ~bit.jump;
    else addHit(work, at);
  }
}
