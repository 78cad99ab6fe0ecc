/** Spreads a flag to the neighbours of the pixels that carry it. */
import { simdFor } from "../memory.js";

/** Writes the indices of the pixels with any of `bits` into `list`, ascending; gives their number. */
export function pixelsWith(list: Uint32Array, flags: Uint8Array, bits: number): number {
  const simd = simdFor(list, flags);
  if (simd) return simd.pixelsWith(list.byteOffset, flags.byteOffset, flags.length, bits);
  return pixelsWithPlain(list, flags, bits);
}

export function pixelsWithPlain(list: Uint32Array, flags: Uint8Array, bits: number): number {
  let count = 0;
  for (let i = 0; i < flags.length; i++) if ((flags[i]! & bits) !== 0) list[count++] = i;
  return count;
}

/** Sets `bit` in the box of ±n pixels around each of the `count` pixels of `list`, cut at the edges. */
export function growFlag(
  flags: Uint8Array,
  nx: number,
  ny: number,
  list: Uint32Array,
  count: number,
  n: number,
  bit: number,
): void {
  for (let j = 0; j < count; j++) {
    const p = list[j]!;
    const x = p % nx;
    const y = (p - x) / nx;
    const [x0, x1] = [Math.max(0, x - n), Math.min(nx - 1, x + n)];
    const y1 = Math.min(ny - 1, y + n);
    for (let row = Math.max(0, y - n); row <= y1; row++)
      for (let at = row * nx + x0; at <= row * nx + x1; at++) flags[at]! |= bit;
  }
}
