/**
 * Two-point-difference search for cosmic-ray hits (READOUT §12; Anderson & Gordon 2011, PASP 123, 1237): the
 * difference of two reads that lies too far from the median difference of its ramp.
 */
import { heap, type Alloc } from "../alloc.js";
import { medianOf as medianOfAll } from "../image/select.js";
import { makeScreen, screen, type Screen } from "./jump-screen.js";
import { bit } from "./segments.js";
import { orPlanes } from "./sums.js";

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
export function findJumps(input: JumpInput, options: JumpOptions, alloc: Alloc = heap): void {
  const { nx, ny, nints, ngroups } = input;
  const n = nx * ny;
  const usable = ngroups - unusableGroups(input);
  const count = options.acrossGroups ? nints * ngroups : nints;
  const clip = !input.uneven && count >= options.clipFrom;
  const search = usable >= 3 || clip;
  const onePass = usable - 1 >= options.singlePass;
  const work = makeWork(input);
  const quick = search && !clip && onePass && !input.uneven && nints === 1;
  const look = makeLook(input, quick ? options.rejection : null, alloc);
  for (let from = 0; from < n; from += chunk) {
    const to = Math.min(n, from + chunk);
    lookAt(input, look, from, to);
    for (let p = from; p < to; p++) {
      if (look.suspect[p - from] === 0) continue;
      if (look.flags[p - from] !== 0) collectGiven(input, work, p);
      if (!search) continue;
      differences(input, work, p);
      if (clip) clipDifferences(input, work, p, options);
      else if (onePass) singlePass(input, work, p, options.rejection);
      else iterate(input, work, p, options);
    }
  }
  if (!search) return;
  if (clip) undoFullGroups(input);
  if (options.flagNeighbors) flagNeighbors(input, work, options);
  for (const { dn, groups } of options.after)
    if (groups > 0) flagAfter(input, work, dn, groups, options.medianGain);
}

/** Pixels looked at together. */
const chunk = 2048;

interface Look {
  screen: Screen | null;
  threshold: number;
  suspect: Uint8Array;
  flags: Uint8Array;
  gain: Float32Array;
  noise: Float32Array;
}

const makeLook = ({ ngroups }: JumpInput, threshold: number | null, alloc: Alloc): Look => ({
  screen: threshold === null ? null : makeScreen(ngroups, alloc),
  threshold: threshold ?? 0,
  suspect: alloc.u8(chunk),
  flags: alloc.u8(chunk),
  gain: alloc.f32(chunk),
  noise: alloc.f32(chunk),
});

/** Which pixels of [from, to) are flagged already, and which have to be searched one by one. */
function lookAt(input: JumpInput, look: Look, from: number, to: number): void {
  const { nx, ny, nints, ngroups, groupdq, gain, readNoise, nframes, sci } = input;
  const n = nx * ny;
  const part = <T extends Uint8Array | Float32Array>(array: T): T => array.subarray(0, to - from) as T;
  const flagged = orPlanes(part(look.flags), groupdq, from, nints * ngroups, n, 255);
  if (!look.screen) {
    look.suspect.fill(255);
    return;
  }
  for (let p = from; p < to; p++) {
    const noise = Math.fround(readNoise[p]! * gain[p]!);
    look.gain[p - from] = gain[p]!;
    look.noise[p - from] = (noise * noise) / nframes;
  }
  screen(look.screen, part(look.suspect), sci, from, n, part(look.gain), part(look.noise), look.threshold);
  if (flagged) for (let x = 0; x < to - from; x++) look.suspect[x]! |= look.flags[x]!;
}

/** Hits that were flagged before, and aren't in unusable groups, count like those found here. */
function collectGiven({ groupdq }: JumpInput, work: Work, p: number): void {
  for (let at = p; at < groupdq.length; at += work.pixels) {
    if ((groupdq[at]! & bit.jump) === 0) continue;
    if ((groupdq[at]! & bad) !== 0) groupdq[at]! &= ~bit.jump;
    else work.hits.push(at);
  }
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
    /** Median difference of every pixel that was searched, for the steps that look back; NaN of the others. */
    medians: new Float64Array(nx * ny).fill(NaN),
    pixels: nx * ny,
    /** Flagged groups: places in groupdq. */
    hits: [] as number[],
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
function medianOf(values: Float64Array, scratch: Float64Array): number {
  let n = 0;
  for (let k = 0; k < values.length; k++) if (values[k] === values[k]) scratch[n++] = values[k]!;
  return medianOfAll(scratch, n);
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
  const at = (i * ngroups + j + 1) * work.pixels + p;
  if ((groupdq[at]! & bit.jump) === 0) work.hits.push(at);
  groupdq[at]! |= bit.jump;
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
  const { nx, ngroups, groupdq } = input;
  const n = work.pixels;
  const spill = (at: number): void => {
    if ((groupdq[at]! & (bad | bit.jump)) !== 0) return;
    groupdq[at]! |= bit.jump;
    work.hits.push(at);
  };
  const found = work.hits.length;
  for (let h = 0; h < found; h++) {
    const at = work.hits[h]!;
    // taken back since, as a group in which everything was hit
    if ((groupdq[at]! & bit.jump) === 0) continue;
    const p = at % n;
    const group = (at - p) / n;
    if (group % ngroups === 0) continue;
    const ratio = deviation(input, work, p, Math.floor(group / ngroups), (group % ngroups) - 1);
    if (!(ratio > neighborsFrom && ratio < neighborsTo)) continue;
    const x = p % nx;
    if (p >= nx) spill(at - nx);
    if (p + nx < n) spill(at + nx);
    if (x > 0) spill(at - 1);
    if (x + 1 < nx) spill(at + 1);
  }
}

function medianAt(input: JumpInput, work: Work, p: number): number {
  if (Number.isNaN(work.medians[p]!)) differences(input, work, p);
  return work.medians[p]!;
}

/** |d − median|/σ of difference `j`, again from the samples. */
function deviation(input: JumpInput, work: Work, p: number, i: number, j: number): number {
  const noise = Math.fround(input.readNoise[p]! * input.gain[p]!);
  const sigma = sigmaOf(input, medianAt(input, work, p), noise * noise, j);
  return Math.abs(excess(input, work, p, i, j)) / (sigma > 0 ? sigma : Infinity);
}

function excess(input: JumpInput, work: Work, p: number, i: number, j: number): number {
  const { ngroups, sci, gain, uneven } = input;
  const at = (i * ngroups + j) * work.pixels + p;
  const g = gain[p]!;
  const d = Math.fround(Math.fround(sci[at + work.pixels]! * g) - Math.fround(sci[at]! * g));
  return d / (uneven ? uneven.step[j]! : 1) - medianAt(input, work, p);
}

/** Large hits leave a transient: the groups after them are flagged too. */
function flagAfter(input: JumpInput, work: Work, dn: number, groups: number, medianGain: boolean): void {
  const { ngroups, groupdq, gain } = input;
  const n = work.pixels;
  const reach = Math.min(groups, ngroups - 2);
  const gains = medianGain ? Float64Array.from({ length: n }, (_, p) => gain[p]!) : null;
  const common = gains ? medianOf(gains, new Float64Array(n)) : NaN;
  const found = work.hits.length;
  for (let h = 0; h < found; h++) {
    const at = work.hits[h]!;
    const p = at % n;
    const group = (at - p) / n;
    const j = group % ngroups;
    if (j === 0 || (groupdq[at]! & bit.jump) === 0) continue;
    const size = excess(input, work, p, Math.floor(group / ngroups), j - 1);
    if (!(size >= dn * (medianGain ? common : gain[p]!))) continue;
    for (let k = 1; k <= reach && j + k < ngroups; k++) {
      const later = at + k * n;
      if ((groupdq[later]! & (bad | bit.jump)) !== 0) continue;
      groupdq[later]! |= bit.jump;
      work.hits.push(later);
    }
  }
}
