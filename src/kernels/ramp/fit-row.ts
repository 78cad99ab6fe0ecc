/** Estimates of one row of one integration: all pixels at once, then those with flagged reads one by one. */
import type { Alloc } from "../alloc.js";
import type { EstimateRow } from "./finish.js";
import { pixelsWith } from "./grow.js";
import { estimatorOf, knownEstimators, type KnownEstimators } from "./known-estimators.js";
import { designAll, type Estimator, type Sampling, type Timing } from "./sampling.js";
import { rawI32 } from "../raw.js";
import { dot16, dotF32, dotI32, orPlanes, widenSums } from "./sums.js";

/**
 * Samples and flags of a band, [nints][ngroups][ny][nx]; `raw` is big-endian int16, `integers` int32, to which `zero` is to be added.
 * `sampled` are sums that were made before, Σ w_k s_k with the weights of all groups, [nints][ny][nx]: then there are
 * no flags.
 */
export interface RampPlanes {
  nx: number;
  ny: number;
  ngroups: number;
  samples:
    | { raw: Uint8Array; zero: number }
    | { integers: Int32Array; zero: number }
    | { decoded: Float32Array }
    | { sampled: Float64Array };
  flags: Uint8Array | null;
}

/** What the flags of a read mean here: any of `unusable` drops it, any of `breaks` begins a new piece with it. */
export interface FlagMeaning {
  unusable: number;
  breaks: number;
}

export interface RowFit {
  planes: RampPlanes;
  sampling: Sampling;
  timing: Timing;
  meaning: FlagMeaning;
  /** The estimator of a pixel without flags, and its value for one unit of the product. */
  full: Estimator;
  /** Time that the product's unit holds [s]: 1 for rates, the span of the ramp for counts per ramp. */
  span: number;
  fullDen: number;
  /** Result of the row: a rate times `span`. */
  estimate: EstimateRow;
  /** Result of the row: OR of the flags of all groups, and whether any is set. */
  flags: Uint8Array;
  flagged: boolean;
  /** Whether pixels of the row before have factors of their own. */
  mixed: boolean;
  chunks: Chunk[];
  scratch: Scratch;
}

/** Groups whose integer sums fit 32 bits; all groups where sums are float64. */
interface Chunk {
  offsets: Uint32Array;
  weights: Int16Array | Float64Array;
}

interface Scratch {
  /** Pixels of a row, and sums over one chunk. */
  list: Uint32Array;
  sums: Int32Array;
  used: Int32Array;
  breaks: Uint8Array;
  values: Float64Array;
  known: KnownEstimators;
}

/** Whether raw int16 samples give the same sums as decoded ones with this sampling: all weights are integers. */
export function hasIntegerWeights(sampling: Sampling, timing: Timing): boolean {
  return sampling.mode !== "utr" || (timing.even > 0 && timing.times.length <= 16384);
}

/**
 * Everything that the rows of a band share. `perRamp` asks for counts per ramp instead of a rate: the slope times
 * the time from first to last read, or the difference of the means.
 */
export function makeRowFit(
  planes: RampPlanes,
  sampling: Sampling,
  timing: Timing,
  meaning: FlagMeaning,
  perRamp: boolean,
  alloc: Alloc,
): RowFit {
  const { nx, ngroups } = planes;
  const full = designAll(ngroups, sampling, timing);
  const { times } = timing;
  const n = sampling.mode === "cds" ? 1 : sampling.nreads;
  const span = !perRamp ? 1 : sampling.mode === "utr" ? times[ngroups - 1]! - times[0]! : full.den / n;
  const fullDen = !perRamp ? full.den : sampling.mode === "utr" ? full.den / span : n;
  const fit: RowFit = {
    planes,
    sampling,
    timing,
    meaning,
    full,
    span,
    fullDen,
    estimate: { num: alloc.f64(nx), den: alloc.f64(nx), cP: alloc.f64(nx), cR: alloc.f64(nx) },
    flags: alloc.u8(nx),
    flagged: false,
    mixed: true,
    chunks:
      "raw" in planes.samples
        ? chunks16(planes, full, alloc)
        : "sampled" in planes.samples
          ? []
          : [chunk32(planes, full, alloc)],
    scratch: {
      list: alloc.u32(nx),
      sums: rawI32(alloc, nx),
      used: new Int32Array(ngroups),
      breaks: new Uint8Array(ngroups),
      values: new Float64Array(ngroups),
      known: knownEstimators(sampling, timing),
    },
  };
  return fit;
}

function fillFactors({ estimate, full, fullDen }: RowFit): void {
  estimate.den.fill(fullDen);
  estimate.cP.fill(full.photon / fullDen ** 2);
  estimate.cR.fill(full.read / fullDen ** 2);
}

function chunk32({ nx, ny }: RampPlanes, { weights }: Estimator, alloc: Alloc): Chunk {
  const groups = [...weights.keys()].filter((k) => weights[k] !== 0);
  const chunk = { offsets: alloc.u32(groups.length), weights: alloc.f64(groups.length) };
  groups.forEach((k, j) => {
    chunk.offsets[j] = 4 * k * nx * ny;
    chunk.weights[j] = weights[k]!;
  });
  return chunk;
}

function chunks16({ nx, ny }: RampPlanes, { weights }: Estimator, alloc: Alloc): Chunk[] {
  const chunks: Chunk[] = [];
  const groups = [...weights.keys()].filter((k) => weights[k] !== 0);
  for (let from = 0; from < groups.length;) {
    let to = from;
    for (let sum = 0; to < groups.length; to++) {
      sum += Math.abs(weights[groups[to]!]!);
      if (sum >= 65536) break;
    }
    const count = to - from;
    const even = count + (count & 1);
    const bytes = alloc.u8(2 * even);
    const chunk = {
      offsets: alloc.u32(even),
      weights: new Int16Array(bytes.buffer, bytes.byteOffset, even),
    };
    for (let j = 0; j < count; j++) {
      chunk.offsets[j] = 2 * groups[from + j]! * nx * ny;
      chunk.weights[j] = weights[groups[from + j]!]!;
    }
    chunks.push(chunk);
    from = to;
  }
  return chunks;
}

/** Fills `fit.estimate` and `fit.flags`. Pixels that can't be measured get num = NaN. */
export function fitRow(fit: RowFit, integration: number, y: number): void {
  const { planes, estimate, chunks, meaning, scratch } = fit;
  const { nx, ny, ngroups, samples } = planes;
  const start = integration * ngroups * nx * ny + y * nx;
  let known = true;
  if ("sampled" in samples) {
    const at = (integration * ny + y) * nx;
    estimate.num = samples.sampled.subarray(at, at + nx);
  } else if ("raw" in samples)
    chunks.forEach(({ offsets, weights }, c) => {
      dot16(scratch.sums, samples.raw, start, offsets, weights as Int16Array, false);
      widenSums(estimate.num, scratch.sums, c > 0);
    });
  else if ("integers" in samples)
    for (const { offsets, weights } of chunks)
      dotI32(estimate.num, samples.integers, samples.zero, start, offsets, weights as Float64Array);
  else
    for (const { offsets, weights } of chunks)
      known = dotF32(estimate.num, samples.decoded, start, offsets, weights as Float64Array) && known;
  if (fit.mixed) fillFactors(fit);
  const drop = meaning.unusable | meaning.breaks;
  const stride = nx * ny;
  fit.flagged = planes.flags !== null && orPlanes(fit.flags, planes.flags, start, ngroups, stride, 255);
  fit.mixed = fit.flagged || !known;
  if (fit.flagged) {
    const count = pixelsWith(scratch.list, fit.flags, drop);
    for (const x of scratch.list.subarray(0, count)) fitPixel(fit, x, start + x);
  }
  if (!known)
    for (let x = 0; x < nx; x++) {
      const num = estimate.num[x]!;
      if (num !== num && (fit.flags[x]! & drop) === 0) fitPixel(fit, x, start + x);
    }
}

function fitPixel(fit: RowFit, x: number, at: number): void {
  const { planes, meaning, estimate, scratch, span } = fit;
  const { used, breaks, values } = scratch;
  const { flags, samples, ngroups } = planes;
  const decoded = "decoded" in samples ? samples.decoded : null;
  const stride = planes.nx * planes.ny;
  let count = 0;
  let broken = 0;
  let pieces = 1;
  let second = 0;
  let third = 0;
  for (let k = 0, i = at; k < ngroups; k++, i += stride) {
    const flag = flags ? flags[i]! : 0;
    broken |= flag & meaning.breaks;
    if ((flag & meaning.unusable) !== 0) continue;
    const value = decoded ? decoded[i]! : sampleAt(planes, i);
    if (value !== value) continue;
    if (broken !== 0 && count > 0) {
      pieces++;
      if (pieces === 2) second = count;
      else if (pieces === 3) third = count;
    }
    used[count] = k;
    values[count] = value;
    breaks[count] = broken;
    broken = 0;
    count++;
  }
  const estimator = estimatorOf(scratch.known, { count, used, breaks, pieces, second, third });
  const { weights, den, read, photon } = estimator;
  let num = 0;
  for (let j = 0; j < count; j++) num += weights[j]! * values[j]!;
  estimate.num[x] = den > 0 ? num : NaN;
  estimate.den[x] = den / span;
  estimate.cP[x] = photon / (den / span) ** 2;
  estimate.cR[x] = read / (den / span) ** 2;
}

function sampleAt({ samples }: RampPlanes, at: number): number {
  if ("decoded" in samples) return samples.decoded[at]!;
  if ("sampled" in samples) return NaN;
  if ("integers" in samples) return samples.zero + samples.integers[at]!;
  const { raw, zero } = samples;
  return zero + ((((raw[2 * at]! << 8) | raw[2 * at + 1]!) << 16) >> 16);
}
