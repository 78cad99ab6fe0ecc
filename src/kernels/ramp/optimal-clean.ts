/** The weighted slope of ramps without a flag, all at once: fixed weights for each signal-to-noise class. */
import type { Alloc } from "../alloc.js";
import { simdFor } from "../memory.js";
import { comparators } from "./selection.js";

/** Signal-to-noise from which the next class begins, and the exponents of the classes (Fixsen et al. 2000). */
export const classLimits = [5, 10, 20, 50, 100] as const;
const powers = [0, 0.4, 1, 3, 6, 10] as const;

/** |k − m|/m to the power of the class, m = (n−1)/2, in float32; the first class weighs all reads alike. */
export function classWeights(level: number, n: number): Float64Array {
  const m = (n - 1) / 2;
  return Float64Array.from({ length: n }, (_, k) => Math.fround((Math.abs(k - m) / m) ** powers[level]!));
}

export function classOf(rise: number, sigma: number): number {
  const noise = sigma * sigma + rise;
  const snr = noise <= 0 ? 0 : rise / Math.sqrt(noise);
  let level = 0;
  while (level < classLimits.length && snr >= classLimits[level]!) level++;
  return level;
}

/** What a band needs for ramps of `ngroups` groups. */
export interface CleanFit {
  ngroups: number;
  /** Slope per group: a row of weights for each class. */
  table: Float64Array;
  /** Comparators that bring the median difference to the middle, as byte offsets of rows of eight float32. */
  pairs: Uint32Array;
  scratch: Uint8Array;
}

export function makeCleanFit(ngroups: number, alloc: Alloc): CleanFit {
  const table = alloc.f64(ngroups * powers.length);
  for (let level = 0; level < powers.length; level++) {
    const w = classWeights(level, ngroups);
    let sw = 0;
    let sx = 0;
    let sxx = 0;
    w.forEach((one, k) => {
      sw += one;
      sx += one * k;
      sxx += one * k * k;
    });
    const den = sw * sxx - sx * sx;
    w.forEach((one, k) => (table[level * ngroups + k] = (one * (sw * k - sx)) / den));
  }
  const pairs = comparators(ngroups - 1, 32, alloc);
  return { ngroups, table, pairs, scratch: alloc.u8(64 * ngroups) };
}

/**
 * slope[i] (per group) and median[i] of the differences of neighbouring groups, for the pixels from `start` on in
 * planes of `plane` samples. `sigma` is one group's noise in e⁻. NaN samples give garbage: the slope is NaN.
 */
export function fitClean(
  fit: CleanFit,
  slope: Float64Array,
  median: Float64Array,
  samples: Float32Array,
  start: number,
  plane: number,
  gain: Float64Array,
  sigma: Float64Array,
): void {
  const simd = simdFor(slope, samples);
  const whole = simd ? slope.length & ~7 : 0;
  const { ngroups, table, pairs, scratch } = fit;
  simd?.optimalClean(
    ...[slope, median].map((array) => array.byteOffset),
    ...[samples.byteOffset + 4 * start, 4 * plane, whole, ngroups],
    ...[gain, sigma, table, pairs].map((array) => array.byteOffset),
    ...[pairs.length / 2, scratch.byteOffset],
  );
  fitCleanPlain(fit, slope, median, samples, start, plane, gain, sigma, whole);
}

export function fitCleanPlain(
  { ngroups, table }: CleanFit,
  slope: Float64Array,
  median: Float64Array,
  samples: Float32Array,
  start: number,
  plane: number,
  gain: Float64Array,
  sigma: Float64Array,
  from: number,
): void {
  const differences = new Float32Array(ngroups - 1);
  for (let i = from; i < slope.length; i++) {
    const first = start + i;
    const last = first + (ngroups - 1) * plane;
    for (let k = 0, at = first; at < last; k++, at += plane)
      differences[k] = samples[at + plane]! - samples[at]!;
    differences.sort();
    median[i] = (differences[(ngroups - 2) >> 1]! + differences[(ngroups - 1) >> 1]!) / 2;
    const rise = (samples[last]! - samples[first]!) * gain[i]!;
    let w = classOf(rise, sigma[i]!) * ngroups;
    let sum = 0;
    for (let at = first; at <= last; at += plane) sum += table[w++]! * samples[at]!;
    slope[i] = sum;
  }
}
