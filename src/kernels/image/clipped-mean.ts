/**
 * Per-pixel sigma-clipped mean of N planes: reject v < m − σs or v > m + σs about the median until nothing
 * changes; NaN is rejected first, deviations are population ones (divisor n).
 */
import { sortShort } from "./robust.js";
import { clipRun, type ClipPolicy, type Run } from "./sigma-clip.js";

interface Planes {
  sci: Float32Array;
  err: Float32Array;
  dq: Uint32Array;
}

/**
 * Mean of the survivors, √(Σe²)/n as its error, OR of all flags, survivors' or not; NaN where nothing survives.
 * `maxiters` = Infinity clips to convergence.
 */
export function clippedMean(out: Planes, frames: readonly Planes[], sigma: number, maxiters: number): void {
  const n = frames.length;
  const policy: ClipPolicy = {
    sigmaLow: sigma,
    sigmaHigh: sigma,
    iterations: maxiters,
    center: "median",
    deviation: "std",
  };
  const sorted = new Float64Array(n);
  const run: Run = { from: 0, to: 0 };
  for (let p = 0; p < out.sci.length; p++) {
    let flags = 0;
    run.from = run.to = 0;
    for (let k = 0; k < n; k++) {
      flags |= frames[k]!.dq[p]!;
      const v = frames[k]!.sci[p]!;
      if (v === v) sorted[run.to++] = v;
    }
    sortShort(sorted, run.to);
    clipRun(sorted, run, policy);
    const count = run.to - run.from;
    out.dq[p] = flags;
    if (count === 0) {
      out.sci[p] = NaN;
      out.err[p] = NaN;
      continue;
    }
    const low = sorted[run.from]!;
    const high = sorted[run.to - 1]!;
    let sum = 0;
    let variance = 0;
    for (let k = 0; k < n; k++) {
      const v = frames[k]!.sci[p]!;
      if (!(v >= low && v <= high)) continue;
      const e = frames[k]!.err[p]!;
      sum += v;
      variance += e * e;
    }
    out.sci[p] = sum / count;
    out.err[p] = Math.sqrt(variance) / count;
  }
}
