/**
 * Optimally weighted least squares (READOUT §14; Fixsen et al. 2000, PASP 112, 1350): a slope for each segment of a
 * ramp, the reads weighted by their signal-to-noise class, segments combined by read-noise variance.
 */
import { heap, type Alloc } from "../alloc.js";
import { medianOf } from "../image/select.js";
import { classOf, classWeights, fitClean, makeCleanFit, type CleanFit } from "./optimal-clean.js";
import { bit, cutSegments, makeSegments } from "./segments.js";
import { orPlanes } from "./sums.js";

/** A band of ramps, [nints][ngroups][n], and the detector's pixels, [n]. */
export interface OptimalInput {
  nints: number;
  ngroups: number;
  sci: Float32Array;
  groupdq: Uint8Array | null;
  pixeldq: Uint32Array;
  /** e⁻/DN. */
  gain: ArrayLike<number>;
  /** CDS noise [DN]. */
  readNoise: ArrayLike<number>;
  /** Average dark current, added to the rate in photon variances. */
  dark: ArrayLike<number> | null;
  /** [nints][n]: the very first read of frame-averaged groups, for pixels that saturate in their first group. */
  zeroframe: Float32Array | null;
  nframes: number;
  groupgap: number;
  tframe: number;
  tgroup: number;
  dropframes: number;
  /** Time of each group since the first, in units of tgroup, where reads are missing or unevenly spaced. */
  at?: ArrayLike<number> | null;
  /** Integrations with a single usable group give nothing. */
  suppressOne: boolean;
}

/** [planes][n]: one plane for the exposure, one for each integration. Rates in DN/s. */
export interface OptimalPlanes {
  slope: Float32Array;
  err: Float32Array;
  varP: Float32Array;
  varR: Float32Array;
  dq: Uint32Array;
}

/** A segment: its first group and their number, and what the fit says of it. */
export type SegmentFit = Readonly<
  Record<"start" | "length" | "slope" | "sigSlope" | "varP" | "varR" | "yInt" | "sigYInt" | "weight", number>
>;

/** What is known of one segment, for the optional per-segment product. */
export interface SegmentSink {
  segment(pixel: number, integration: number, index: number, fit: SegmentFit): void;
  integration(pixel: number, integration: number, pedestal: number, jumps: readonly number[]): void;
}

const tooLarge = 1e6;
/** Flags of unusable gain, beside DO_NOT_USE. */
const noGain = 524288;

/**
 * Fills `whole` (one plane) and, when given, `each` (a plane per integration). Single ramps without any flag are fitted
 * many at a time; the others one by one.
 */
export function fitOptimal(
  input: OptimalInput,
  whole: OptimalPlanes,
  each: OptimalPlanes | null,
  sink: SegmentSink | null = null,
  alloc: Alloc = heap,
): void {
  const pixel = makePixel(input);
  const n = input.pixeldq.length;
  const rows = input.nints === 1 && input.ngroups >= 3 && !sink && !input.at ? makeRows(input, alloc) : null;
  for (let from = 0; from < n; from += chunk) {
    const to = Math.min(n, from + chunk);
    if (rows) {
      fitRows(input, rows, from, to);
      settleRows(input, rows, from, to, whole, each);
    }
    for (let p = from; p < to; p++)
      if (!rows || rows.flags[p - from] !== 0) fitPixel(pixel, p, whole, each, sink);
  }
}

/** Pixels fitted together. */
const chunk = 2048;

interface Rows {
  fit: CleanFit;
  slope: Float64Array;
  median: Float64Array;
  gain: Float64Array;
  sigma: Float64Array;
  flags: Uint8Array;
}

const makeRows = ({ ngroups }: OptimalInput, alloc: Alloc): Rows => ({
  fit: makeCleanFit(ngroups, alloc),
  slope: alloc.f64(chunk),
  median: alloc.f64(chunk),
  gain: alloc.f64(chunk),
  sigma: alloc.f64(chunk),
  flags: alloc.u8(chunk),
});

function fitRows(input: OptimalInput, rows: Rows, from: number, to: number): void {
  const { gain, readNoise, nframes, groupdq, ngroups, sci } = input;
  const n = input.pixeldq.length;
  for (let p = from; p < to; p++) {
    rows.gain[p - from] = gain[p]!;
    rows.sigma[p - from] = sigmaOf(readNoise[p]!, gain[p]!, nframes);
  }
  const part = (array: Float64Array): Float64Array => array.subarray(0, to - from);
  fitClean(rows.fit, part(rows.slope), part(rows.median), sci, from, n, part(rows.gain), part(rows.sigma));
  if (groupdq) orPlanes(rows.flags.subarray(0, to - from), groupdq, from, ngroups, n, 255);
  else rows.flags.fill(0);
}

/** Noise of one group [e⁻]. */
const sigmaOf = (readNoise: number, gain: number, nframes: number): number =>
  Math.fround(readNoise * Math.fround(gain / Math.sqrt(2 * nframes)));

/** Writes the pixels that need no fit of their own; the others get a flag in `rows`. */
function settleRows(
  { tgroup, ngroups, pixeldq, dark }: OptimalInput,
  { slope, median, gain, sigma, flags }: Rows,
  from: number,
  to: number,
  whole: OptimalPlanes,
  each: OptimalPlanes | null,
): void {
  const photon = 1 / (tgroup * (ngroups - 1));
  const read = 12 / (tgroup * tgroup * (ngroups ** 3 - ngroups));
  for (let p = from, x = 0; p < to; p++, x++) {
    const g = gain[x]!;
    const s = sigma[x]!;
    const rate = slope[x]! / tgroup;
    if (flags[x] !== 0 || !(g > 0) || !(s > 0) || rate !== rate) {
      flags[x]! |= bit.unusable;
      continue;
    }
    const flag = pixeldq[p]!;
    const dead = (flag & (bit.unusable | bit.saturated)) !== 0;
    const signal = median[x]! / tgroup;
    const varP = ((signal > 0 ? signal : 0) + (dark ? dark[p]! : 0)) * (photon / g);
    const varR = (s * s * read) / (g * g);
    whole.slope[p] = dead ? NaN : varR >= tooLarge ? 0 : rate;
    whole.varP[p] = dead ? 0 : cap(varP);
    whole.varR[p] = dead ? 0 : cap(varR);
    whole.err[p] = dead ? 0 : Math.sqrt(cap(varP) + cap(varR));
    whole.dq[p] = flag;
    if (!each) continue;
    each.slope[p] = whole.slope[p]!;
    each.varP[p] = whole.varP[p]!;
    each.varR[p] = whole.varR[p]!;
    each.err[p] = dead ? 0 : Math.sqrt(cap(varP + varR));
    each.dq[p] = flag;
  }
}

type Times = 0 | 1 | 2;
/** How long a single group has collected light: since the reset, one read, or a group. */
const [fromReset, oneRead, oneGroup]: [Times, Times, Times] = [0, 1, 2];

type Pixel = ReturnType<typeof makePixel>;

function makePixel(input: OptimalInput) {
  const { ngroups, nframes, tframe, tgroup } = input;
  return {
    input,
    dq: new Uint8Array(ngroups),
    given: new Uint8Array(ngroups),
    data: new Float64Array(ngroups),
    differences: new Float64Array(ngroups),
    segments: makeSegments(ngroups),
    at: Float64Array.from(input.at ?? Array.from({ length: ngroups }, (_, g) => g)),
    single: [((nframes + 1) * tframe) / 2, tframe, tgroup],
    weights: new Map<number, Float64Array>(),
    // of the integration at hand
    time: oneGroup as Times,
    nSat: 0,
    nBad: 0,
    // of the segment at hand
    slope: 0,
    varP: 0,
    varR: 0,
    sigSlope: 0,
    yInt: 0,
    sigYInt: 0,
  };
}

/** Loads an integration and applies the pre-pass of §14.1. */
function load(pixel: Pixel, p: number, i: number): void {
  const { input, dq, given, data } = pixel;
  const { ngroups, sci, groupdq, zeroframe } = input;
  const n = input.pixeldq.length;
  let good = 0;
  let free = 0;
  for (let g = 0, at = i * ngroups * n + p; g < ngroups; g++, at += n) {
    const flag = groupdq ? groupdq[at]! : 0;
    given[g] = dq[g] = flag;
    data[g] = (flag & bit.saturated) !== 0 ? NaN : sci[at]!;
    if ((flag & ~bit.persistence) === 0) good++;
    if (flag === 0) free++;
  }
  pixel.time = oneGroup;
  const suppress = input.suppressOne && ngroups > 1;
  if (suppress && good === 1) for (let g = 0; g < ngroups; g++) dq[g]! |= bit.unusable;
  if (!suppress && free === 1 && dq[0] === 0) pixel.time = fromReset;
  if (!suppress && free === 0 && zeroframe && zeroframe[i * n + p] !== 0) {
    dq[0] = 0;
    data[0] = zeroframe[i * n + p]!;
    pixel.time = oneRead;
  }
  pixel.nSat = 0;
  pixel.nBad = 0;
  for (let g = 0; g < ngroups; g++) {
    if ((dq[g]! & bit.saturated) !== 0) pixel.nSat++;
    if ((dq[g]! & (bit.saturated | bit.unusable)) !== 0) pixel.nBad++;
  }
}

/** §14.2 for the integration at hand; 0 when it says nothing. */
function draftRate({ input, dq, data, differences, time, single, at }: Pixel): number {
  const { ngroups, tgroup } = input;
  const first = (dq[0]! & bit.unusable) === 0 && data[0] === data[0] ? data[0]! : 0;
  if (ngroups === 1 || time !== oneGroup) return first / single[ngroups === 1 ? fromReset : time]!;
  let n = 0;
  for (let g = 1; g < ngroups; g++) {
    if (((dq[g]! | dq[g - 1]!) & bit.unusable) !== 0 || (dq[g]! & bit.jump) !== 0) continue;
    const difference = (data[g]! - data[g - 1]!) / (tgroup * (at[g]! - at[g - 1]!));
    if (difference === difference) differences[n++] = difference;
  }
  return n > 0 ? medianOf(differences, n) : first / tgroup;
}

function fitPixel(
  pixel: Pixel,
  p: number,
  whole: OptimalPlanes,
  each: OptimalPlanes | null,
  sink: SegmentSink | null,
): void {
  const { input, dq, segments } = pixel;
  const { nints, ngroups } = input;
  const n = input.pixeldq.length;
  const gain = input.gain[p]!;
  const own = (input.pixeldq[p]! | (gain > 0 ? 0 : noGain | bit.unusable)) >>> 0;
  const sigma = sigmaOf(input.readNoise[p]!, gain, input.nframes);
  let draft = 0;
  for (let i = 0; i < nints; i++) {
    load(pixel, p, i);
    draft += draftRate(pixel) / nints;
  }
  const photons = Math.max(draft, 0) + (input.dark ? input.dark[p]! : 0);
  let [totalP, totalR, totalS, lossR] = [0, 0, 0, 0];
  let [anySat, anyLoss] = [false, false];
  let [allUnusable, allFull, collected] = [true, true, own];
  for (let i = 0; i < nints; i++) {
    if (nints > 1) load(pixel, p, i);
    let flag = own;
    for (let g = 0; g < ngroups; g++) flag |= dq[g]! & (bit.jump | bit.persistence);
    let loss = false;
    for (let g = 0; g < ngroups; g++) if ((pixel.given[g]! & bit.chargeLoss) !== 0) loss = true;
    const { nSat, nBad } = pixel;
    if (nBad === ngroups) flag |= bit.unusable;
    if (nSat === ngroups) flag |= bit.saturated;
    if ((dq[0]! & bit.saturated) !== 0) flag |= bit.unusable | bit.saturated;
    cutSegments(segments, dq);
    let [sumP, sumR, sumB, sumS] = [0, 0, 0, 0];
    for (let j = 0; j < segments.count; j++) {
      fitSegment(pixel, segments.start[j]!, segments.length[j]!, photons, gain, sigma);
      const weight = pixel.varR > 0 ? 1 / pixel.varR : 1;
      sumR += weight;
      sumS += pixel.slope * weight;
      if (pixel.varP > 0) sumP += 1 / pixel.varP;
      sumB += 1 / (pixel.varP + pixel.varR);
      if (sink) {
        const { slope, sigSlope, varP, varR, yInt, sigYInt } = pixel;
        const [start, length] = [segments.start[j]!, segments.length[j]!];
        sink.segment(p, i, j, { start, length, slope, sigSlope, varP, varR, yInt, sigYInt, weight });
      }
    }
    const noisy = sigma > 0 ? 1 : 0;
    const dead = (flag & (bit.unusable | bit.saturated)) !== 0;
    const slope = sumR > 0 ? sumS / sumR : 0;
    if (each) {
      const at = i * n + p;
      const varR = sumR > 0 ? cap(noisy / sumR) : 0;
      each.slope[at] = dead ? NaN : sumR > 0 && 1 / sumR >= tooLarge ? 0 : slope;
      each.varP[at] = dead || sumP === 0 ? 0 : cap(1 / sumP);
      each.varR[at] = dead ? 0 : varR;
      each.err[at] = dead || sumB === 0 ? 0 : Math.sqrt(cap(1 / sumB));
      each.dq[at] = flag | (nSat > 0 ? bit.saturated : 0);
    }
    if (sink) report(sink, pixel, p, i, dead ? NaN : slope);
    if ((flag & bit.unusable) === 0) allUnusable = false;
    if (nSat < ngroups) allFull = false;
    if (nSat > 0) anySat = true;
    collected |= flag & (bit.jump | bit.persistence);
    totalP += sumP;
    totalR += sumR;
    totalS += sumS;
    let own1 = sumR;
    if (loss) {
      anyLoss = true;
      own1 = withoutLoss(pixel, photons, gain, sigma);
      if (each) each.varR[i * n + p] = own1 > 0 ? cap(noisy / own1) : 0;
    }
    lossR += own1;
  }
  let flag = collected;
  if (allUnusable) flag |= bit.unusable;
  if (allFull) flag |= bit.saturated;
  const dead = (flag & (bit.unusable | bit.saturated)) !== 0;
  const noisy = sigma > 0 ? 1 : 0;
  const varP = dead || totalP === 0 ? 0 : cap(1 / totalP);
  const varR = dead || totalR === 0 ? 0 : cap(noisy / totalR);
  whole.slope[p] = dead ? NaN : totalR === 0 || 1 / totalR >= tooLarge ? 0 : totalS / totalR;
  whole.varP[p] = varP;
  whole.varR[p] = !anyLoss ? varR : lossR > 0 ? cap(noisy / lossR) : 0;
  whole.err[p] = Math.sqrt(varP + varR);
  whole.dq[p] = flag | (anySat ? bit.saturated : 0);
}

const cap = (variance: number): number => (variance >= tooLarge || variance < 0 ? 0 : variance);

/** Σ 1/v_R of the integration at hand with the groups back in that charge migration had taken out (§14.7). */
function withoutLoss(pixel: Pixel, photons: number, gain: number, sigma: number): number {
  const { dq, given, segments } = pixel;
  let good = 0;
  for (let g = 0; g < dq.length; g++) {
    dq[g] = (given[g]! & bit.chargeLoss) !== 0 ? given[g]! ^ (bit.chargeLoss | bit.unusable) : given[g]!;
    if ((dq[g]! & ~bit.persistence) === 0) good++;
  }
  if (pixel.input.suppressOne && dq.length > 1 && good === 1) return 0;
  cutSegments(segments, dq);
  let sum = 0;
  for (let j = 0; j < segments.count; j++) {
    fitSegment(pixel, segments.start[j]!, segments.length[j]!, photons, gain, sigma);
    sum += pixel.varR > 0 ? 1 / pixel.varR : 1;
  }
  return sum;
}

/** §14.4: results in `pixel`. */
function fitSegment(
  pixel: Pixel,
  start: number,
  length: number,
  photons: number,
  gain: number,
  sigma: number,
): void {
  const { data, input, at } = pixel;
  const { tgroup } = input;
  if (length === 1) {
    const time = pixel.single[input.ngroups === 1 ? fromReset : pixel.time]!;
    pixel.slope = data[start]! / time;
    pixel.varP = photons / (time * gain);
    pixel.varR = (12 * (sigma / time) ** 2) / (6 * gain * gain);
    pixel.sigSlope = pixel.yInt = pixel.sigYInt = 0;
    return;
  }
  if (length === 2) {
    const [first, second] = [data[start]!, data[start + 1]!];
    const x = at[start]!;
    const step = at[start + 1]! - x;
    const time = tgroup * step;
    pixel.slope = (second - first) / time;
    pixel.varP = photons / (time * gain);
    pixel.varR = (12 * (sigma / time) ** 2) / (6 * gain * gain);
    pixel.sigSlope = pixel.sigYInt = Math.SQRT2 * sigma;
    pixel.yInt = first - ((second - first) / step) * x;
    return;
  }
  const rise = data[start + length - 1]! - data[start]!;
  const level = classOf(rise * gain, sigma);
  const w = weightsOf(pixel, level, length);
  const scale = sigma > 0 ? 1 / (sigma * sigma) : 1;
  let [sw, sx, sxx, sy, sxy] = [0, 0, 0, 0, 0];
  for (let k = 0; k < length; k++) {
    const x = at[start + k]!;
    const wk = w[k]! * scale;
    sw += wk;
    sx += wk * x;
    sxx += wk * x * x;
    sy += wk * data[start + k]!;
    sxy += wk * x * data[start + k]!;
  }
  const den = sw * sxx - sx * sx;
  pixel.slope = (sw * sxy - sx * sy) / den / tgroup;
  pixel.varP = photons / (tgroup * gain * (at[start + length - 1]! - at[start]!));
  pixel.varR = (sigma / tgroup) ** 2 / (spreadOf(at, start, length, input.at) * gain * gain);
  pixel.sigSlope = Math.sqrt(sw / den);
  pixel.yInt = (sxx * sy - sx * sxy) / den;
  pixel.sigYInt = Math.sqrt(sxx / den);
}

/** Σ (x − x̄)² of a segment; (n³ − n)/12 where groups follow each other evenly. */
function spreadOf(at: Float64Array, start: number, length: number, uneven: OptimalInput["at"]): number {
  if (!uneven) return (length ** 3 - length) / 12;
  let mean = 0;
  for (let k = 0; k < length; k++) mean += at[start + k]! / length;
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (at[start + k]! - mean) ** 2;
  return sum;
}

function weightsOf({ weights }: Pixel, level: number, length: number): Float64Array {
  const key = level + 10 * length;
  let w = weights.get(key);
  if (!w) {
    w = classWeights(level, length);
    weights.set(key, w);
  }
  return w;
}

/** Pedestal (§14.8) and the size of each hit. */
function report(sink: SegmentSink, pixel: Pixel, p: number, i: number, slope: number): void {
  const { nframes, groupgap, dropframes, ngroups } = pixel.input;
  const { given, data } = pixel;
  const reads = ((nframes + 1) / 2 + dropframes) / (nframes + groupgap);
  const pedestal = pixel.data[0]! - slope * reads;
  const jumps: number[] = [];
  for (let g = 1; g < ngroups; g++) if ((given[g]! & bit.jump) !== 0) jumps.push(data[g]! - data[g - 1]!);
  sink.integration(p, i, Number.isNaN(pedestal) ? 0 : pedestal, jumps);
}
