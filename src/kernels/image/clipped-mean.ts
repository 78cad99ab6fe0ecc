/**
 * Per-pixel sigma-clipped mean of N planes: reject v < m − σs or v > m + σs about the median until nothing
 * changes; NaN is rejected first, deviations are population ones (divisor n).
 */

export interface ClippedMean {
  /** Mean of the survivors; 0 where there is none. */
  mean: Float32Array;
  /** √(Σ e²) / n over the survivors. */
  err: Float32Array;
  /** OR of all N flags, survivors or not; `empty` where there is no survivor. */
  dq: Uint32Array;
}

/** `maxiters` = Infinity clips to convergence. With one or two values nothing is ever rejected but NaN. */
export function clippedMean(
  out: ClippedMean,
  sci: readonly Float32Array[],
  err: readonly Float32Array[],
  dq: readonly Uint32Array[],
  sigma: number,
  maxiters: number,
  empty: number,
): void {
  const n = sci.length;
  if (n === 1) return single(out, sci[0]!, err[0]!, dq[0]!, empty);
  const value = new Float64Array(n);
  const error = new Float64Array(n);
  const sorted = new Float64Array(n);
  for (let p = 0; p < out.mean.length; p++) {
    let flags = 0;
    let count = 0;
    for (let k = 0; k < n; k++) {
      flags |= dq[k]![p]!;
      const v = sci[k]![p]!;
      if (v !== v) continue;
      value[count] = v;
      error[count++] = err[k]![p]!;
    }
    if (count > 2) count = clip(value, error, sorted, count, sigma, maxiters);
    if (count === 0) {
      out.mean[p] = 0;
      out.err[p] = 0;
      out.dq[p] = flags | empty;
      continue;
    }
    let sum = 0;
    let variance = 0;
    for (let k = 0; k < count; k++) {
      sum += value[k]!;
      variance += error[k]! * error[k]!;
    }
    out.mean[p] = sum / count;
    out.err[p] = Math.sqrt(variance) / count;
    out.dq[p] = flags;
  }
}

/** The usual case of one background: its own values, nothing to clip. */
function single(
  out: ClippedMean,
  sci: Float32Array,
  err: Float32Array,
  dq: Uint32Array,
  empty: number,
): void {
  for (let p = 0; p < out.mean.length; p++) {
    const v = sci[p]!;
    const known = v === v;
    out.mean[p] = known ? v : 0;
    out.err[p] = known ? Math.abs(err[p]!) : 0;
    out.dq[p] = known ? dq[p]! : dq[p]! | empty;
  }
}

/** Packs the survivors to the front of `value` and `error` in their order and returns how many there are. */
function clip(
  value: Float64Array,
  error: Float64Array,
  sorted: Float64Array,
  count: number,
  sigma: number,
  maxiters: number,
): number {
  for (let pass = 0; pass < maxiters; pass++) {
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const v = value[k]!;
      sum += v;
      let j = k;
      for (; j > 0 && sorted[j - 1]! > v; j--) sorted[j] = sorted[j - 1]!;
      sorted[j] = v;
    }
    const mean = sum / count;
    let squares = 0;
    for (let k = 0; k < count; k++) squares += (value[k]! - mean) * (value[k]! - mean);
    const reach = sigma * Math.sqrt(squares / count);
    const half = count >> 1;
    const median = count & 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
    const [low, high] = [median - reach, median + reach];
    if (sorted[0]! >= low && sorted[count - 1]! <= high) return count;
    let kept = 0;
    for (let k = 0; k < count; k++) {
      if (value[k]! < low || value[k]! > high) continue;
      value[kept] = value[k]!;
      error[kept++] = error[k]!;
    }
    if (kept === count) return count;
    count = kept;
  }
  return count;
}
