/** Clipped mode and scatter of the values of a box from a fine histogram: no sorting, one pass over the values. */
import { inMemory, simdFor } from "../memory.js";
import type { Box } from "./box-sky.js";
import { MAD_TO_SIGMA } from "./sigma-clip.js";
import { medianOf } from "./select.js";

/** Bins on the whole, and how far they reach to either side in units of a first guess of the scatter. */
const BINS = 1024;
const REACH = 8;
/** Values that the guess is made from. */
const SAMPLES = 256;
const CLIP = 3;
const MAX_PASSES = 100;

/** Skewness up to which the mode is 2.5·median − 1.5·mean; a crowded box takes its median. */
const SKEWED = 0.3;

export interface BoxMode {
  level: number;
  scatter: number;
}

/** Calls `use` with what finds the mode of boxes of at most `size` pixels. */
export function withBoxMode(
  sci: Float32Array,
  bad: Uint8Array | null,
  nx: number,
  size: number,
  use: (find: (box: Box, enough: number) => BoxMode | null) => void,
): void {
  const simd = simdFor(sci, bad ?? sci);
  if (!simd) return use((box, enough) => boxModePlain(sci, bad, nx, box, enough));
  return inMemory((memory) => {
    const [out, counts, sample] = [memory.f64(2), memory.f64(BINS), memory.f64(SAMPLES)];
    const values = memory.raw(4 * size);
    const room = [values.byteOffset, counts.byteOffset, sample.byteOffset] as const;
    use(({ x0, y0, width, height }, enough) => {
      const at = y0 * nx + x0;
      const planes = [sci.byteOffset + 4 * at, bad ? bad.byteOffset + at : 0] as const;
      const n = simd.boxMode(out.byteOffset, ...planes, nx, width, height, enough, ...room);
      return n === 0 ? null : { level: out[0]!, scatter: out[1]! };
    });
  });
}

/**
 * The pixels of a box that are finite and not bad, clipped at 3σ about their median until nothing changes (Bertin & Arnouts
 * 1996, §3); null where they are fewer than `enough`. A bin is σ/64 wide and medians are interpolated within bins: far finer
 * than what a box can say.
 */
export function boxModePlain(
  sci: Float32Array,
  bad: Uint8Array | null,
  nx: number,
  box: Box,
  enough: number,
): BoxMode | null {
  const values = goodValues(sci, bad, nx, box);
  if (values.length === 0 || values.length < enough) return null;
  const guess = firstGuess(values);
  if (guess.scatter === 0) return guess;
  const low = guess.level - REACH * guess.scatter;
  const width = (2 * REACH * guess.scatter) / BINS;
  const { median, mean, sigma } = clipBins(countBins(values, low, 1 / width));
  const level = Math.abs(mean - median) < SKEWED * sigma ? 2.5 * median - 1.5 * mean : median;
  return { level: low + level * width, scatter: sigma * width };
}

function goodValues(
  sci: Float32Array,
  bad: Uint8Array | null,
  nx: number,
  { x0, y0, width, height }: Box,
): Float32Array {
  const values = new Float32Array(width * height);
  let n = 0;
  for (let y = y0; y < y0 + height; y++)
    for (let i = y * nx + x0; i < y * nx + x0 + width; i++) {
      const v = sci[i]!;
      if (v - v === 0 && !(bad !== null && bad[i] !== 0)) values[n++] = v;
    }
  return values.subarray(0, n);
}

/** Counts of the bins of the width 1/scale from `low` on; values beyond are left out. */
function countBins(values: Float32Array, low: number, scale: number): Float64Array {
  const counts = new Float64Array(BINS);
  for (const value of values) {
    const bin = (value - low) * scale;
    if (bin >= 0 && bin < BINS) counts[bin | 0]!++;
  }
  return counts;
}

/** Median and scatter of some of the values; the standard deviation of all where most of them are equal. */
function firstGuess(values: Float32Array): BoxMode {
  const n = values.length;
  const sample = new Float64Array(SAMPLES);
  const step = Math.max(1, Math.floor(n / SAMPLES));
  let m = 0;
  for (let i = 0; i < n && m < SAMPLES; i += step) sample[m++] = values[i]!;
  const level = medianOf(sample, m);
  for (let i = 0; i < m; i++) sample[i] = Math.abs(sample[i]! - level);
  const scatter = MAD_TO_SIGMA * medianOf(sample, m);
  if (scatter > 0) return { level, scatter };
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - level) * (values[i]! - level);
  return { level, scatter: Math.sqrt(squares / n) };
}

/** Median, mean and standard deviation of the clipped histogram, in bins. */
function clipBins(counts: Float64Array): { median: number; mean: number; sigma: number } {
  let [from, to] = [0, BINS];
  for (let pass = 0; ; pass++) {
    let [n, sum, squares] = [0, 0, 0];
    for (let k = from; k < to; k++) {
      const count = counts[k]!;
      const x = k + 0.5;
      n += count;
      sum += count * x;
      squares += count * x * x;
    }
    const mean = sum / n;
    // A bin's own width adds 1/12 to the variance.
    const sigma = Math.sqrt(Math.max(0, squares / n - mean * mean - 1 / 12));
    const median = medianBin(counts, from, n / 2);
    const [low, high] = [median - CLIP * sigma, median + CLIP * sigma];
    const [first, last] = [Math.max(0, Math.round(low)), Math.min(BINS, Math.round(high))];
    if ((first === from && last === to) || last <= first || pass === MAX_PASSES)
      return { median, mean, sigma };
    [from, to] = [first, last];
  }
}

/** Place below which `half` of the values lie: within a bin, or amid the gap between two. */
function medianBin(counts: Float64Array, from: number, half: number): number {
  let [k, below] = [from, 0];
  while (below + counts[k]! < half) below += counts[k++]!;
  if (below + counts[k]! > half) return k + (half - below) / counts[k]!;
  let next = k + 1;
  while (next < BINS - 1 && counts[next] === 0) next++;
  return (k + 1 + next) / 2;
}
