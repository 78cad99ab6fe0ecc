/** Weighted sums of four rows of a mesh that was expanded along x: rows of the image that the mesh stands for. */
import { inMemory, simdFor } from "../memory.js";

/** Offsets of four rows in `wide`, their weights, and the limits of what comes out. */
export interface Blend {
  rows: readonly [number, number, number, number];
  weights: readonly [number, number, number, number];
  low: number;
  high: number;
}

/** Room for the rows where `out` can be filled by SIMD, forgotten after `use`. */
export function withRows<T>(length: number, out: Float32Array, use: (wide: Float64Array) => T): T {
  if (!simdFor(out, out)) return use(new Float64Array(length));
  return inMemory((memory) => use(memory.f64(length)));
}

/** out = Σ wₖ·rowₖ between `low` and `high`, or `from` less that. */
export function blendRows(
  out: Float32Array,
  from: Float32Array | null,
  wide: Float64Array,
  blend: Blend,
): void {
  const simd = simdFor(out, wide) && simdFor(out, from ?? out);
  if (!simd) {
    blendRowsPlain(out, from, wide, blend);
    return;
  }
  const { rows, weights, low, high } = blend;
  simd.blendRows(
    out.byteOffset,
    from?.byteOffset ?? 0,
    ...rows.map((at) => wide.byteOffset + 8 * at),
    ...weights,
    low,
    high,
    out.length,
  );
}

export function blendRowsPlain(
  out: Float32Array,
  from: Float32Array | null,
  wide: Float64Array,
  { rows: [r0, r1, r2, r3], weights: [w0, w1, w2, w3], low, high }: Blend,
): void {
  for (let i = 0; i < out.length; i++) {
    const v = w0 * wide[r0 + i]! + w1 * wide[r1 + i]! + w2 * wide[r2 + i]! + w3 * wide[r3 + i]!;
    const clamped = v < low ? low : v > high ? high : v;
    out[i] = from ? from[i]! - Math.fround(clamped) : clamped;
  }
}
