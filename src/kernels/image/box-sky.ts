/** The sky in a box of pixels: clipped values, their biweight location and scatter. */
import { inMemory, simdFor } from "../memory.js";
import { madAbout } from "./robust.js";
import type { Run } from "./sigma-clip.js";
import { medianOfRun } from "./sigma-clip.js";
import { sortFloats } from "./sort.js";

/** Clipping about the median in units of the standard deviation. */
export interface SkyClip {
  sigmaLow: number;
  sigmaHigh: number;
  /** Passes; Infinity to convergence. */
  iterations: number;
}

/** Pixels of a frame: those from `x0`, `y0` on. */
export interface Box {
  x0: number;
  y0: number;
  width: number;
  height: number;
}

/** Biweight location and standard deviation of what clipping leaves of the good pixels of a box. */
export interface BoxSky {
  value: number;
  rms: number;
}

/** null where fewer than `enough` pixels are left; bad are those with q ≠ 0 or d not finite. */
export type FindSky = (box: Box) => BoxSky | null;

/** Buckets of the longest count. */
const COUNTS = 16384;

/** Calls `use` with what finds the sky in boxes of at most `size` pixels. */
export function withBoxSky<T>(
  sci: Float32Array,
  dq: Uint32Array,
  nx: number,
  size: number,
  enough: number,
  clip: SkyClip,
  use: (find: FindSky) => T,
): T {
  const simd = simdFor(sci, dq);
  if (!simd) return use((box) => boxSkyPlain(sci, dq, nx, box, enough, clip));
  const { sigmaLow, sigmaHigh, iterations } = clip;
  return inMemory((memory) => {
    const out = memory.f64(2);
    const [keys, spare, counts] = [
      memory.raw(4 * size + 16),
      memory.raw(4 * size + 16),
      memory.raw(4 * COUNTS),
    ];
    return use(({ x0, y0, width, height }) => {
      const at = 4 * (y0 * nx + x0);
      const kept = simd.boxSky(
        out.byteOffset,
        ...[sci.byteOffset + at, dq.byteOffset + at, nx, width, height],
        ...[enough, sigmaLow, sigmaHigh, iterations],
        ...[keys.byteOffset, spare.byteOffset, counts.byteOffset],
      );
      return kept === 0 ? null : { value: out[0]!, rms: out[1]! };
    });
  });
}

export function boxSkyPlain(
  sci: Float32Array,
  dq: Uint32Array,
  nx: number,
  { x0, y0, width, height }: Box,
  enough: number,
  { sigmaLow, sigmaHigh, iterations }: SkyClip,
): BoxSky | null {
  const values = new Float32Array(width * height);
  let n = 0;
  for (let y = y0; y < y0 + height; y++)
    for (let i = y * nx + x0; i < y * nx + x0 + width; i++) {
      const v = sci[i]!;
      if (dq[i] === 0 && v - v === 0) values[n++] = v;
    }
  if (n < enough) return null;
  const sorted = new Float64Array(n);
  sortFloats(sorted, values, n);
  const run: Run = { from: 0, to: n };
  let [low, high] = [-Infinity, Infinity];
  for (let pass = 0; pass < iterations && run.to - run.from > 1; pass++) {
    const m = medianOfRun(sorted, run);
    const s = scatterAbout(sorted, run, m);
    [low, high] = [m - sigmaLow * s, m + sigmaHigh * s];
    const before = run.to - run.from;
    while (run.from < run.to && sorted[run.from]! < low) run.from++;
    while (run.to > run.from && sorted[run.to - 1]! > high) run.to--;
    if (run.to - run.from === before) break;
  }
  // What lies within the last limits survives, as in `clipRun`.
  while (run.from > 0 && sorted[run.from - 1]! >= low) run.from--;
  while (run.to < n && sorted[run.to]! <= high) run.to++;
  if (run.to - run.from < enough) return null;
  const m = medianOfRun(sorted, run);
  return { value: locationAbout(sorted, run, m), rms: scatterAbout(sorted, run, m) };
}

/** Adds up the terms of a run as SIMD does: in four lanes, what is left over at the end. */
function sumOf(sorted: Float64Array, { from, to }: Run, term: (v: number) => number): number {
  const lanes = [0, 0, 0, 0];
  const whole = from + ((to - from) & ~3);
  for (let i = from; i < whole; i++) lanes[(i - from) & 3]! += term(sorted[i]!);
  let sum = lanes[0]! + lanes[2]! + (lanes[1]! + lanes[3]!);
  for (let i = whole; i < to; i++) sum += term(sorted[i]!);
  return sum;
}

/** Population standard deviation, from the distances from a value amid the run. */
function scatterAbout(sorted: Float64Array, run: Run, m: number): number {
  const n = run.to - run.from;
  const mean = sumOf(sorted, run, (v) => v - m) / n;
  const variance = sumOf(sorted, run, (v) => (v - m) * (v - m)) / n - mean * mean;
  return variance > 0 ? Math.sqrt(variance) : 0;
}

/** Biweight location about the median `m`, tuning constant 6. */
function locationAbout(sorted: Float64Array, run: Run, m: number): number {
  const mad = madAbout(sorted, run.to - run.from, m, run.from);
  if (mad === 0) return m;
  const scale = 1 / (6 * mad);
  const weight = (v: number): number => {
    const u = (v - m) * scale;
    const w = 1 - u * u;
    return w > 0 ? w * w : 0;
  };
  const top = sumOf(sorted, run, (v) => (v - m) * weight(v));
  return m + top / sumOf(sorted, run, weight);
}
