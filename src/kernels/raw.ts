/** Arrays that are about to be overwritten entirely: not zeroed first. */
import type { Alloc } from "./alloc.js";

export function rawF32(alloc: Alloc, length: number): Float32Array {
  const bytes = alloc.raw(4 * length);
  return new Float32Array(bytes.buffer, bytes.byteOffset, length);
}

export function rawU32(alloc: Alloc, length: number): Uint32Array {
  const bytes = alloc.raw(4 * length);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, length);
}

export function rawI32(alloc: Alloc, length: number): Int32Array {
  const bytes = alloc.raw(4 * length);
  return new Int32Array(bytes.buffer, bytes.byteOffset, length);
}

export function rawF64(alloc: Alloc, length: number): Float64Array {
  const bytes = alloc.raw(8 * length);
  return new Float64Array(bytes.buffer, bytes.byteOffset, length);
}
