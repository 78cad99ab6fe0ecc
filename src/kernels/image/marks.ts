/** What is to be known of planes before anything is measured: pixels without a value, flags that occur. */
import { simdFor } from "../memory.js";

/** Sets `bad` to 1 where a value isn't finite. */
export function markNotFinite(bad: Uint8Array, values: Float32Array): void {
  const simd = simdFor(bad, values);
  if (simd) simd.markNotFinite(bad.byteOffset, values.byteOffset, values.length);
  else markNotFinitePlain(bad, values);
}

export function markNotFinitePlain(bad: Uint8Array, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) if (values[i]! - values[i]! !== 0) bad[i] = 1;
}

/** Whether every value is a finite number. */
export function areFinite(values: Float32Array): boolean {
  const simd = simdFor(values, values);
  return simd ? simd.areFinite(values.byteOffset, values.length) !== 0 : areFinitePlain(values);
}

export function areFinitePlain(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (values[i]! - values[i]! !== 0) return false;
  return true;
}

/** All bits that any of the flags has. */
export function anyBits(flags: Uint32Array): number {
  const simd = simdFor(flags, flags);
  return simd ? simd.anyBits(flags.byteOffset, flags.length) >>> 0 : anyBitsPlain(flags);
}

export function anyBitsPlain(flags: Uint32Array): number {
  let bits = 0;
  for (let i = 0; i < flags.length; i++) bits |= flags[i]!;
  return bits >>> 0;
}
