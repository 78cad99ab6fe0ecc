/** Clipped mode and scatter of the values of a box from a fine histogram: no sorting, one pass over the values. */
import { countBins } from "./box-values.js";
import { MAD_TO_SIGMA } from "./sigma-clip.js";
import { medianOf } from "./select.js";

/** Bins on the whole, and how far they reach to either side in units of a first guess of the scatter. */
export const BINS = 1024;
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

const sample = new Float64Array(SAMPLES);

/**
 * `values[0..n)`, n > 0, clipped at 3σ about their median until nothing changes (Bertin & Arnouts 1996, §3). A bin is
 * σ/64 wide and medians are interpolated within bins: far finer than what a box can say. `counts` is room for
 * the bins.
 */
export function boxMode(values: Float32Array, n: number, counts: Float64Array): BoxMode {
  const guess = firstGuess(values, n);
  if (guess.scatter === 0) return guess;
  const low = guess.level - REACH * guess.scatter;
  const width = (2 * REACH * guess.scatter) / BINS;
  counts.fill(0);
  countBins(counts, values, n, low, 1 / width);
  const { median, mean, sigma } = clipBins(counts);
  const level = Math.abs(mean - median) < SKEWED * sigma ? 2.5 * median - 1.5 * mean : median;
  return { level: low + level * width, scatter: sigma * width };
}

/** Median and scatter of some of the values; the standard deviation of all where most of them are equal. */
function firstGuess(values: Float32Array, n: number): BoxMode {
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
