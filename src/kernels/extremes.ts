/** Least and greatest value of a run of pixels. */
import { inMemory, simdFor } from "./memory.js";

export interface Extremes {
  /** Finite; ∞ and −∞ where there is no finite value. */
  min: number;
  max: number;
  /** Pixels of NaN. */
  none: number;
}

/** Of all values; infinite ones count neither as extremes nor as missing. */
export function extremes(values: Float32Array): Extremes {
  const simd = simdFor(values, values);
  if (!simd) return extremesPlain(values);
  return inMemory((memory) => {
    const out = memory.f64(3);
    simd.extremes(out.byteOffset, values.byteOffset, values.length);
    const [min, max, none] = out as unknown as [number, number, number];
    return { min, max, none };
  });
}

export function extremesPlain(values: Float32Array): Extremes {
  let [min, max, none] = [Infinity, -Infinity, 0];
  for (const value of values) {
    if (value < min && value !== -Infinity) min = value;
    if (value > max && value !== Infinity) max = value;
    if (value !== value) none++;
  }
  return { min, max, none };
}
