/** Combines equal frames in the manner of IRAF and ccdproc: scale, reject, reduce. */
import { kernelMemory, simdFor } from "../memory.js";
import { comparators, sortingNetwork } from "../ramp/selection.js";
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
  /** Factors of the frames, as float32. */
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

const METHODS = ["median", "mean", "sum"] as const;

/** Pixels that the SIMD build takes at a time. */
const BLOCK = 16;

/**
 * `out` may be one of `frames`. Errors come from the scatter of the values left: std/√n for a mean, 1.4826·MAD/√n
 * for a median, std·√n for a sum.
 */
export function stackFrames(out: Planes, frames: readonly Planes[], policy: StackPolicy): void {
  const { sci, err, dq } = out;
  const used = [err, dq, ...frames.flatMap((frame) => [frame.sci, frame.dq])];
  const simd = used.every((plane) => simdFor(sci, plane) !== null) ? simdFor(sci, err) : null;
  if (!simd || policy.weights) return stackFramesPlain(out, frames, policy);
  const { method, extrema, limits, clip, empty } = policy;
  const whole = sci.length - (sci.length % BLOCK);
  const memory = kernelMemory();
  const mark = memory.mark();
  const table = memory.raw(12 * frames.length);
  const words = new Uint32Array(table.buffer, table.byteOffset, 3 * frames.length);
  const factors = new Float32Array(table.buffer, table.byteOffset, 3 * frames.length);
  frames.forEach((frame, k) => {
    words[3 * k] = frame.sci.byteOffset;
    words[3 * k + 1] = frame.dq.byteOffset;
    factors[3 * k + 2] = policy.scale?.[k] ?? 1;
  });
  const pairs = comparators(frames.length, 64, memory, sortingNetwork);
  const scratch = memory.raw(64 * frames.length + 128);
  const how = memory.f64(11);
  how.set([
    ...[METHODS.indexOf(method), ...extrema, ...limits],
    ...[clip?.iterations ?? 0, Number(clip?.center === "mean"), Number(clip?.deviation === "madstd")],
    ...[clip?.sigmaLow ?? 0, clip?.sigmaHigh ?? 0, empty],
  ]);
  simd.stackFrames(
    ...[sci.byteOffset, err.byteOffset, dq.byteOffset, whole],
    ...[table.byteOffset, frames.length, how.byteOffset],
    ...[pairs.byteOffset, pairs.length / 2, scratch.byteOffset],
  );
  memory.release(mark);
  const rest = <T extends Planes>({ sci, err, dq }: T): Planes => ({
    sci: sci.subarray(whole),
    err: err.subarray(whole),
    dq: dq.subarray(whole),
  });
  stackFramesPlain(rest(out), frames.map(rest), policy);
}

export function stackFramesPlain(out: Planes, frames: readonly Planes[], policy: StackPolicy): void {
  const { method, weights, clip, empty } = policy;
  const scale = Float32Array.from(frames, (_, k) => policy.scale?.[k] ?? 1);
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
      const v = Math.fround(frames[k]!.sci[p]! * scale[k]!);
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
    if (n === 0) {
      out.sci[p] = NaN;
      out.err[p] = NaN;
      out.dq[p] = flags | empty;
      continue;
    }
    if (method === "median") {
      // + 0: which zero stands in the middle is left to the sorting
      out.sci[p] = medianOfRun(sorted, run) + 0;
      out.err[p] = madstdOfRun(sorted, run) / Math.sqrt(n) + 0;
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
