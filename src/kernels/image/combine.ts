/**
 * Combines equal frames pixel by pixel: robust clipping (biweight location and scale), then mean or median,
 * plain or weighted by 1/e².
 */
import { biweightLocation, biweightScale, middle, sortShort, weightedMedian } from "./robust.js";

export interface CombinePolicy {
  method: "mean" | "wmean" | "median" | "wmedian";
  clip: boolean;
  sigmaLow: number;
  sigmaHigh: number;
  /** Values outside are clipped; ∓Infinity for none. */
  low: number;
  high: number;
  /** How many values one pass may clip on either side. */
  maxLow: number;
  maxHigh: number;
  /** A pixel with this many values left is clipped no further. */
  minBatch: number;
  maxiters: number;
  /** propagate: (Σ1/e²)^(−1/2). measure: from the scatter of the values. */
  error: "propagate" | "measure";
  /**
   * liger: clipped values still count in the propagated error, and without clipping flagged values enter a plain
   * mean or median.
   */
  variant: "iris" | "liger";
  /** Flags of the inputs that were used, of any input, or common to all inputs. */
  flags: "used" | "or" | "and";
  /** Flag of a pixel for which no input could be used. */
  empty: number;
}

export interface Planes {
  sci: Float32Array;
  err: Float32Array;
  dq: Uint32Array;
}

/** `out` may be one of `frames`: a pixel is read from all before it is written. Bad: q ≠ 0 or d not finite. */
export function combineFrames(out: Planes, frames: readonly Planes[], policy: CombinePolicy): void {
  const n = frames.length;
  const all: Stack = {
    v: new Float64Array(n),
    e: new Float64Array(n),
    used: new Uint8Array(n),
    sorted: new Float64Array(n),
    weight: new Float64Array(n),
    n,
    inOrder: false,
  };
  const pixels = out.sci.length;
  const liger = policy.variant === "liger";
  const takeAll = liger && !policy.clip && (policy.method === "mean" || policy.method === "median");
  for (let p = 0; p < pixels; p++) {
    all.inOrder = false;
    let any = 0;
    let common = 0xffffffff;
    let count = 0;
    for (let k = 0; k < n; k++) {
      const frame = frames[k]!;
      const v = frame.sci[p]!;
      const q = frame.dq[p]!;
      any |= q;
      common &= q;
      all.v[k] = v;
      all.e[k] = frame.err[p]!;
      const good = q === 0 && v - v === 0 ? 1 : 0;
      all.used[k] = good;
      count += good;
    }
    const before = liger && policy.error === "propagate" ? inverseVariance(all) : 0;
    const kept = policy.clip && count > policy.minBatch ? clip(all, count, policy) : count;
    const flags = policy.flags === "and" ? common : policy.flags === "or" ? any : 0;
    if (kept === 0) {
      out.sci[p] = NaN;
      out.err[p] = NaN;
      out.dq[p] = any | policy.empty;
      continue;
    }
    out.err[p] =
      policy.error === "measure" ? measured(all, kept) : 1 / Math.sqrt(liger ? before : inverseVariance(all));
    if (takeAll) {
      all.used.fill(1);
      all.inOrder = false;
    }
    out.sci[p] = reduce(all, takeAll ? n : kept, policy.method);
    out.dq[p] = flags;
  }
}

interface Stack {
  v: Float64Array;
  e: Float64Array;
  used: Uint8Array;
  sorted: Float64Array;
  weight: Float64Array;
  n: number;
  /** Does `sorted` hold the used values? */
  inOrder: boolean;
}

/** Σ 1/e² over the used values. */
function inverseVariance({ e, used, n }: Stack): number {
  let sum = 0;
  for (let k = 0; k < n; k++) if (used[k]) sum += 1 / (e[k]! * e[k]!);
  return sum;
}

/** Packs the used values in ascending order into `sorted`. */
function sortUsed(stack: Stack): void {
  if (stack.inOrder) return;
  const { v, used, sorted, n } = stack;
  let count = 0;
  for (let k = 0; k < n; k++) if (used[k]) sorted[count++] = v[k]!;
  sortShort(sorted, count);
  stack.inOrder = true;
}

/** Clears `used` of outliers and returns how many values are left (STEPS §7.1). */
function clip(stack: Stack, count: number, policy: CombinePolicy): number {
  const { v, used, sorted, n } = stack;
  for (let pass = 0; pass < policy.maxiters && count > policy.minBatch; pass++) {
    sortUsed(stack);
    const m = biweightLocation(sorted, count);
    const s = biweightScale(sorted, count, m);
    const [below, above] = [-policy.sigmaLow * s, policy.sigmaHigh * s];
    const [least, most] = [sorted[0]!, sorted[count - 1]!];
    if (least - m >= below && most - m <= above && least >= policy.low && most <= policy.high) return count;
    let lows = 0;
    let highs = 0;
    for (let k = 0; k < n; k++) {
      if (!used[k]) continue;
      if (v[k]! - m < below || v[k]! < policy.low) {
        if (lows++ < policy.maxLow) used[k] = 0;
      } else if (v[k]! - m > above || v[k]! > policy.high) {
        if (highs++ < policy.maxHigh) used[k] = 0;
      }
    }
    const masked = Math.min(lows, policy.maxLow) + Math.min(highs, policy.maxHigh);
    if (masked === 0) return count;
    stack.inOrder = false;
    count -= masked;
  }
  return count;
}

function reduce(stack: Stack, count: number, method: CombinePolicy["method"]): number {
  if (method === "median") {
    sortUsed(stack);
    return middle(stack.sorted, count);
  }
  if (method === "wmedian") {
    sortWeighted(stack);
    return weightedMedian(stack.sorted, stack.weight, count);
  }
  const { v, used, weight, n } = stack;
  if (method === "wmean") {
    const total = weigh(stack);
    let sum = 0;
    for (let k = 0; k < n; k++) if (used[k]) sum += (weight[k]! / total) * v[k]!;
    return sum;
  }
  let sum = 0;
  for (let k = 0; k < n; k++) if (used[k]) sum += v[k]!;
  return sum / count;
}

/** Weights 1/e² of the used values and their sum; equal weights where no error is known. */
function weigh({ e, used, weight, n }: Stack): number {
  let total = 0;
  for (let k = 0; k < n; k++) {
    const w = used[k] && e[k]! > 0 ? 1 / (e[k]! * e[k]!) : 0;
    weight[k] = w;
    total += w;
  }
  if (total > 0) return total;
  for (let k = 0; k < n; k++) total += weight[k] = used[k]!;
  return total;
}

/** Used values ascending into `sorted`, their weights beside them. */
function sortWeighted(stack: Stack): void {
  const { v, used, sorted, weight, n } = stack;
  weigh(stack);
  let count = 0;
  for (let k = 0; k < n; k++) {
    if (!used[k]) continue;
    const w = weight[k]!;
    let j = count++;
    for (; j > 0 && sorted[j - 1]! > v[k]!; j--) {
      sorted[j] = sorted[j - 1]!;
      weight[j] = weight[j - 1]!;
    }
    sorted[j] = v[k]!;
    weight[j] = w;
  }
}

/** μ = Σwv, s² = Σw(v−μ)²/(1−Σw²), s/√(n−1) with Σw = 1; the value's own error where there is only one. */
function measured(stack: Stack, count: number): number {
  const { v, e, used, weight, n } = stack;
  if (count === 1) return e[used.indexOf(1)]!;
  const total = weigh(stack);
  let mean = 0;
  let squares = 0;
  for (let k = 0; k < n; k++) mean += (weight[k]! / total) * (used[k] ? v[k]! : 0);
  let scatter = 0;
  for (let k = 0; k < n; k++) {
    if (!used[k]) continue;
    const w = weight[k]! / total;
    scatter += w * (v[k]! - mean) * (v[k]! - mean);
    squares += w * w;
  }
  return Math.sqrt(scatter / (1 - squares) / (count - 1));
}
