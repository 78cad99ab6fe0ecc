/**
 * Per-pixel sigma-clipped mean of N planes: reject v < m − σs or v > m + σs about the median until nothing
 * changes; NaN is rejected first, deviations are population ones (divisor n).
 */
import { sortShort } from "./robust.js";
import { clipRun, type ClipPolicy, type Run } from "./sigma-clip.js";

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
  const policy: ClipPolicy = {
    sigmaLow: sigma,
    sigmaHigh: sigma,
    iterations: maxiters,
    center: "median",
    deviation: "std",
  };
  const sorted = new Float64Array(n);
  const run: Run = { from: 0, to: 0 };
  for (let p = 0; p < out.mean.length; p++) {
    let flags = 0;
    run.from = run.to = 0;
    for (let k = 0; k < n; k++) {
      flags |= dq[k]![p]!;
      const v = sci[k]![p]!;
      if (v === v) sorted[run.to++] = v;
    }
    sortShort(sorted, run.to);
    clipRun(sorted, run, policy);
    const count = run.to - run.from;
    if (count === 0) {
      out.mean[p] = 0;
      out.err[p] = 0;
      out.dq[p] = flags | empty;
      continue;
    }
    const low = sorted[run.from]!;
    const high = sorted[run.to - 1]!;
    let sum = 0;
    let variance = 0;
    for (let k = 0; k < n; k++) {
      const v = sci[k]![p]!;
      if (!(v >= low && v <= high)) continue;
      const e = err[k]![p]!;
      sum += v;
      variance += e * e;
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
