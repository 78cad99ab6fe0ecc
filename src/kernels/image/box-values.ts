/** Values of a box of pixels, and their histogram. */
import { simdFor } from "../memory.js";
import type { Box } from "./box-sky.js";

/** Finite values of pixels that aren't bad, in row order; returns how many. */
export function gatherGood(
  out: Float32Array,
  sci: Float32Array,
  bad: Uint8Array | null,
  nx: number,
  box: Box,
): number {
  const simd = simdFor(out, sci) && simdFor(out, bad ?? sci);
  if (!simd) return gatherGoodPlain(out, sci, bad, nx, box);
  const { x0, y0, width, height } = box;
  const at = y0 * nx + x0;
  const flags = bad ? bad.byteOffset + at : 0;
  return simd.gatherGood(out.byteOffset, sci.byteOffset + 4 * at, flags, nx, width, height);
}

export function gatherGoodPlain(
  out: Float32Array,
  sci: Float32Array,
  bad: Uint8Array | null,
  nx: number,
  { x0, y0, width, height }: Box,
): number {
  let n = 0;
  for (let y = y0; y < y0 + height; y++)
    for (let i = y * nx + x0; i < y * nx + x0 + width; i++) {
      const v = sci[i]!;
      if (v - v === 0 && !(bad !== null && bad[i] !== 0)) out[n++] = v;
    }
  return n;
}

/** Adds `values[0..n)` to the counts of bins of the width 1/scale from `low` on; those beyond are left out. */
export function countBins(
  counts: Float64Array,
  values: Float32Array,
  n: number,
  low: number,
  scale: number,
): void {
  const simd = simdFor(counts, values);
  if (simd) simd.countBins(counts.byteOffset, counts.length, values.byteOffset, n, low, scale);
  else countBinsPlain(counts, values, n, low, scale);
}

export function countBinsPlain(
  counts: Float64Array,
  values: Float32Array,
  n: number,
  low: number,
  scale: number,
): void {
  for (let i = 0; i < n; i++) {
    const bin = (values[i]! - low) * scale;
    if (bin >= 0 && bin < counts.length) counts[bin | 0]!++;
  }
}
