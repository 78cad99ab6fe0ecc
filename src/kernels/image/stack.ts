/** Combines equal frames in the manner of IRAF and ccdproc: scale, reject, reduce. */
import { sortShort } from "./robust.js";
import {
  clipRun,
  madstdOfRun,
  meanOfRun,
  medianOfRun,
  stdOfRun,
  sumOfRun,
  type ClipPolicy,
  type Run,
} from "./sigma-clip.js";

export interface StackPolicy {
  method: "median" | "mean" | "sum";
  /** Weights of the frames in a mean. */
  weights: readonly number[] | null;
  /** Factors of the frames. */
  scale: readonly number[] | null;
  /** How many of the smallest and largest values to leave out. */
  extrema: readonly [number, number];
  /** Values outside are left out. */
  limits: readonly [number, number];
  clip: ClipPolicy | null;
  /** Flag of a pixel without any value left. */
  empty: number;
}

interface Planes {
  sci: Float32Array;
  err: Float32Array;
  dq: Uint32Array;
}

/**
 * `out` may be one of `frames`. Errors come from the scatter of the values left: std/√n for a mean, 1.4826·MAD/√n
 * for a median, std·√n for a sum. `counts`, if given, gets the number of values left.
 */
export function stackFrames(
  out: Planes,
  frames: readonly Planes[],
  policy: StackPolicy,
  counts: Uint32Array | null = null,
): void {
  const { method, weights, clip, empty } = policy;
  const scale = Float64Array.from(frames, (_, k) => policy.scale?.[k] ?? 1);
  const value = new Float64Array(frames.length);
  const sorted = new Float64Array(frames.length);
  const [nLow, nHigh] = policy.extrema;
  const [least, most] = policy.limits;
  const run: Run = { from: 0, to: 0 };
  for (let p = 0; p < out.sci.length; p++) {
    let flags = 0;
    let n = 0;
    for (let k = 0; k < frames.length; k++) {
      const q = frames[k]!.dq[p]!;
      const v = frames[k]!.sci[p]! * scale[k]!;
      flags |= q;
      const good = q === 0 && v - v === 0;
      value[k] = good ? v : NaN;
      if (good) sorted[n++] = v;
    }
    sortShort(sorted, n);
    run.from = Math.min(n, nLow);
    run.to = Math.max(run.from, n - nHigh);
    while (run.from < run.to && sorted[run.from]! < least) run.from++;
    while (run.to > run.from && sorted[run.to - 1]! > most) run.to--;
    if (clip) clipRun(sorted, run, clip);
    n = run.to - run.from;
    if (counts) counts[p] = n;
    if (n === 0) {
      out.sci[p] = NaN;
      out.err[p] = NaN;
      out.dq[p] = flags | empty;
      continue;
    }
    if (method === "median") {
      out.sci[p] = medianOfRun(sorted, run);
      out.err[p] = madstdOfRun(sorted, run) / Math.sqrt(n);
    } else {
      const std = stdOfRun(sorted, run);
      if (method === "sum") out.sci[p] = sumOfRun(sorted, run);
      else if (weights) out.sci[p] = weightedMean(value, weights, sorted[run.from]!, sorted[run.to - 1]!);
      else out.sci[p] = meanOfRun(sorted, run);
      out.err[p] = method === "sum" ? std * Math.sqrt(n) : std / Math.sqrt(n);
    }
    out.dq[p] = 0;
  }
}

/** Σwv/Σw of the values in [low, high]; NaN isn't. */
function weightedMean(value: Float64Array, weights: readonly number[], low: number, high: number): number {
  let sum = 0;
  let total = 0;
  for (let k = 0; k < value.length; k++) {
    const v = value[k]!;
    if (!(v >= low && v <= high)) continue;
    sum += weights[k]! * v;
    total += weights[k]!;
  }
  return sum / total;
}
