/** The optimally weighted fit of one pixel, segment by segment and ramp by ramp (READOUT §14). */
import { medianOf } from "../image/select.js";
import { cap, firstTime, isAbsurd, sigmaOf, type OptimalInput, type OptimalPlanes } from "./optimal-input.js";
import { classOf, classWeights, slopeWeights } from "./optimal-weights.js";
import { bit, cutSegments, makeSegments } from "./segments.js";

/** A segment: its first group and their number, and what the fit says of it. */
export type SegmentFit = Readonly<
  Record<"start" | "length" | "slope" | "sigSlope" | "varP" | "varR" | "yInt" | "sigYInt" | "weight", number>
>;

/** First sample of a ramp [DN], when it was taken since the reset [s], and the slope of the whole ramp [DN/s]. */
export type RampStart = Readonly<Record<"sample" | "time" | "slope", number>>;

/** What is known of one segment and of a ramp, for the optional per-segment product. */
export interface SegmentSink {
  segment(pixel: number, integration: number, index: number, fit: SegmentFit): void;
  integration(pixel: number, integration: number, start: RampStart, jumps: readonly number[]): void;
}

/** Flags of unusable gain, beside DO_NOT_USE. */
const noGain = 524288;

/** How long a single group has collected light: since the reset, one read, or a group. */
type Times = 0 | 1 | 2;
const [fromReset, oneRead, oneGroup]: [Times, Times, Times] = [0, 1, 2];

export type Pixel = ReturnType<typeof makePixel>;

export function makePixel(input: OptimalInput) {
  const { ngroups, tframe, tgroup } = input;
  return {
    input,
    dq: new Uint8Array(ngroups),
    given: new Uint8Array(ngroups),
    data: new Float64Array(ngroups),
    differences: new Float32Array(ngroups),
    segments: makeSegments(ngroups),
    at: Float64Array.from(input.at ?? Array.from({ length: ngroups }, (_, g) => g)),
    single: [firstTime(input), tframe, tgroup],
    // of the integration at hand
    time: oneGroup as Times,
    nSat: 0,
    nBad: 0,
    // of the segment at hand
    slope: 0,
    varP: 0,
    varR: 0,
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
    const difference = (data[g]! - data[g - 1]!) / (at[g]! - at[g - 1]!);
    if (difference === difference) differences[n++] = difference;
  }
  return (n > 0 ? medianOf(differences, n) : first) / tgroup;
}

export function fitPixel(
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
      if (sink)
        sink.segment(p, i, j, describe(pixel, segments.start[j]!, segments.length[j]!, gain, sigma, weight));
    }
    const noisy = sigma > 0 ? 1 : 0;
    const dead = (flag & (bit.unusable | bit.saturated)) !== 0;
    const slope = sumR > 0 ? sumS / sumR : 0;
    if (each) {
      const at = i * n + p;
      const varR = sumR > 0 ? cap(noisy / sumR) : 0;
      each.slope[at] = dead ? NaN : sumR > 0 && isAbsurd(1 / sumR) ? 0 : slope;
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
  whole.slope[p] = dead ? NaN : totalR === 0 || isAbsurd(1 / totalR) ? 0 : totalS / totalR;
  whole.varP[p] = varP;
  whole.varR[p] = !anyLoss ? varR : lossR > 0 ? cap(noisy / lossR) : 0;
  whole.err[p] = Math.sqrt(varP + varR);
  whole.dq[p] = flag | (anySat ? bit.saturated : 0);
}

/** Σ 1/v_R of the integration at hand with the samples back in that charge migration had taken out (§14.7). */
function withoutLoss(pixel: Pixel, photons: number, gain: number, sigma: number): number {
  const { dq, given, data, segments } = pixel;
  let good = 0;
  for (let g = 0; g < dq.length; g++) {
    const isBack = (given[g]! & bit.chargeLoss) !== 0 && data[g] === data[g];
    dq[g] = isBack ? given[g]! ^ (bit.chargeLoss | bit.unusable) : given[g]!;
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

/** §14.4: rate and variances of a segment, in `pixel`. */
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
  if (length <= 2) {
    const time =
      length === 1
        ? pixel.single[input.ngroups === 1 ? fromReset : pixel.time]!
        : tgroup * (at[start + 1]! - at[start]!);
    const noise = sigma / time;
    pixel.slope = (length === 1 ? data[start]! : data[start + 1]! - data[start]!) / time;
    pixel.varP = photons / (time * gain);
    pixel.varR = (12 * (noise * noise)) / (6 * gain * gain);
    return;
  }
  const noise = sigma / tgroup;
  pixel.slope =
    (input.at
      ? regress(pixel, start, length, gain, sigma).slope
      : slopeOf(pixel, start, length, gain, sigma)) / tgroup;
  pixel.varP = photons / (tgroup * gain * (at[start + length - 1]! - at[start]!));
  pixel.varR = (noise * noise) / (spreadOf(at, start, length, input.at) * gain * gain);
}

/** Slope per group of an evenly read segment, by the known weights of its class. */
function slopeOf({ data }: Pixel, start: number, length: number, gain: number, sigma: number): number {
  const weights = slopeWeights(length);
  const row = classOf((data[start + length - 1]! - data[start]!) * gain, sigma) * length;
  let sum = 0;
  for (let k = 0; k < length; k++) sum += weights[row + k]! * data[start + k]!;
  return sum;
}

/** Σ (x − x̄)² of a segment; (n³ − n)/12 where groups follow each other evenly. */
function spreadOf(at: Float64Array, start: number, length: number, uneven: OptimalInput["at"]): number {
  if (!uneven) return (length * length * length - length) / 12;
  let mean = 0;
  for (let k = 0; k < length; k++) mean += at[start + k]! / length;
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (at[start + k]! - mean) ** 2;
  return sum;
}

/** The weighted line through three or more groups: slope per group and value at the first group, with their errors. */
function regress({ data, at }: Pixel, start: number, length: number, gain: number, sigma: number) {
  const w = classWeights(classOf((data[start + length - 1]! - data[start]!) * gain, sigma), length);
  const scale = sigma > 0 ? 1 / (sigma * sigma) : 1;
  let [sw, sx, sxx, sy, sxy] = [0, 0, 0, 0, 0];
  for (let k = 0; k < length; k++) {
    const x = at[start + k]!;
    const y = data[start + k]!;
    const wk = w[k]! * scale;
    sw += wk;
    sx += wk * x;
    sxx += wk * x * x;
    sy += wk * y;
    sxy += wk * x * y;
  }
  const den = sw * sxx - sx * sx;
  return {
    slope: (sw * sxy - sx * sy) / den,
    sigSlope: Math.sqrt(sw / den),
    yInt: (sxx * sy - sx * sxy) / den,
    sigYInt: Math.sqrt(sxx / den),
  };
}

/** The segment at hand as the optional product wants it. */
function describe(
  pixel: Pixel,
  start: number,
  length: number,
  gain: number,
  sigma: number,
  weight: number,
): SegmentFit {
  const { data, at, slope, varP, varR } = pixel;
  const common = { start, length, slope, varP, varR, weight };
  if (length === 1) return { ...common, sigSlope: 0, yInt: 0, sigYInt: 0 };
  if (length === 2) {
    const [first, x] = [data[start]!, at[start]!];
    const yInt = first - ((data[start + 1]! - first) / (at[start + 1]! - x)) * x;
    return { ...common, sigSlope: Math.SQRT2 * sigma, yInt, sigYInt: Math.SQRT2 * sigma };
  }
  return { ...regress(pixel, start, length, gain, sigma), ...common };
}

/** How the ramp begins, and the size of each hit. */
function report(sink: SegmentSink, pixel: Pixel, p: number, i: number, slope: number): void {
  const { nframes, tframe, dropframes, ngroups } = pixel.input;
  const { given, data } = pixel;
  const time = pixel.time === oneRead ? tframe : ((nframes + 1) / 2 + dropframes) * tframe;
  const jumps: number[] = [];
  for (let g = 1; g < ngroups; g++) if ((given[g]! & bit.jump) !== 0) jumps.push(data[g]! - data[g - 1]!);
  sink.integration(p, i, { sample: data[0]!, time, slope }, jumps);
}
