/**
 * Sigma clipping of short lists that are sorted first: what survives is a run of the sorted values, so that its
 * median is at hand and nothing is ever sorted twice.
 */
import { madAbout } from "./robust.js";

/** MAD of a normal distribution → its σ. */
export const MAD_TO_SIGMA = 1.482602218505602;

export interface ClipPolicy {
  sigmaLow: number;
  sigmaHigh: number;
  /** Passes; Infinity to convergence. */
  iterations: number;
  center: "median" | "mean";
  deviation: "std" | "madstd";
}

/** Values `from` … `to` − 1 of a sorted list; changed in place by `clipRun`. */
export interface Run {
  from: number;
  to: number;
}

/**
 * Narrows the run to the values between c − σ_low·s and c + σ_high·s, pass by pass, until nothing changes.
 *
 * What lies within the last limits survives: when the scatter of fewer values comes out larger, a value that an
 * earlier pass left out is back, as in astropy.
 */
export function clipRun(sorted: Float64Array, run: Run, policy: ClipPolicy): void {
  const { from, to } = run;
  let low = -Infinity;
  let high = Infinity;
  for (let pass = 0; pass < policy.iterations && run.to - run.from > 1; pass++) {
    const center = policy.center === "median" ? medianOfRun(sorted, run) : meanOfRun(sorted, run);
    const s = policy.deviation === "std" ? stdOfRun(sorted, run) : madstdOfRun(sorted, run);
    low = center - policy.sigmaLow * s;
    high = center + policy.sigmaHigh * s;
    const before = run.to - run.from;
    while (run.from < run.to && sorted[run.from]! < low) run.from++;
    while (run.to > run.from && sorted[run.to - 1]! > high) run.to--;
    if (run.to - run.from === before) break;
  }
  while (run.from > from && sorted[run.from - 1]! >= low) run.from--;
  while (run.to < to && sorted[run.to]! <= high) run.to++;
}

export function medianOfRun(sorted: Float64Array, { from, to }: Run): number {
  const n = to - from;
  const half = from + (n >> 1);
  return n & 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export function sumOfRun(sorted: Float64Array, { from, to }: Run): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += sorted[i]!;
  return sum;
}

export const meanOfRun = (sorted: Float64Array, run: Run): number =>
  sumOfRun(sorted, run) / (run.to - run.from);

/** Population standard deviation. */
export function stdOfRun(sorted: Float64Array, run: Run): number {
  const mean = meanOfRun(sorted, run);
  let squares = 0;
  for (let i = run.from; i < run.to; i++) squares += (sorted[i]! - mean) * (sorted[i]! - mean);
  return Math.sqrt(squares / (run.to - run.from));
}

/** 1.4826 × the median absolute deviation about the median. */
export const madstdOfRun = (sorted: Float64Array, run: Run): number =>
  MAD_TO_SIGMA * madAbout(sorted, run.to - run.from, medianOfRun(sorted, run), run.from);
