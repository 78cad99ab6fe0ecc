/** The level of pixels that were read without charge, line by line, and their scatter. */
import { clipRun, meanOfRun, medianOfRun, type ClipPolicy, type Run } from "./sigma-clip.js";

export interface LevelPolicy {
  method: "mean" | "median";
  clip: ClipPolicy;
}

/** What lines of dark pixels say: their level each, and all deviations from it taken together. */
export interface Levels {
  /** Level of each line; NaN where no pixel is left. */
  level: number[];
  /** Values left in each line. */
  count: number[];
  /** Σ(v − level)² and Σ(n − 1) of the values left. */
  squares: number;
  freedom: number;
}

/**
 * `lines` lines of `length` pixels: pixel j of line i stands at i·stride + j·step from `at`. What isn't finite is left
 * out.
 */
export function lineLevels(
  plane: Float32Array,
  {
    at,
    lines,
    stride,
    length,
    step,
  }: { at: number; lines: number; stride: number; length: number; step: number },
  policy: LevelPolicy,
): Levels {
  const sorted = new Float64Array(length);
  const levels: Levels = { level: [], count: [], squares: 0, freedom: 0 };
  const run: Run = { from: 0, to: 0 };
  for (let i = 0; i < lines; i++) {
    let n = 0;
    for (let j = 0; j < length; j++) {
      const v = plane[at + i * stride + j * step]!;
      if (v - v === 0) sorted[n++] = v;
    }
    sorted.subarray(0, n).sort();
    run.from = 0;
    run.to = n;
    clipRun(sorted, run, policy.clip);
    const kept = run.to - run.from;
    const mean = kept > 0 ? meanOfRun(sorted, run) : NaN;
    let squares = 0;
    for (let k = run.from; k < run.to; k++) squares += (sorted[k]! - mean) ** 2;
    levels.level.push(policy.method === "median" && kept > 0 ? medianOfRun(sorted, run) : mean);
    levels.count.push(kept);
    levels.squares += squares;
    levels.freedom += Math.max(0, kept - 1);
  }
  return levels;
}
