/** How sharp the edges of an image are in units of its noise, and which pixels stand out. */
import { simdFor } from "../memory.js";

/** σ = √max(v, 10⁻⁵), float32. */
export const noiseOf = (variance: number): number =>
  Math.fround(Math.sqrt(variance > 1e-5 ? variance : 1e-5));

/**
 * s = L⁺/(2σ), with van Dokkum's Laplacian (2001, PASP 113, 1420): each pixel split into 2×2, 4·p − its four neighbours
 * (0 outside), negative values cut, and the four averaged back. A quarter pixel has two neighbours inside its own pixel,
 * so it is 2p − its two outer ones. `variance` of each pixel, in the image's units².
 */
export function sharpness(
  s: Float32Array,
  a: Float32Array,
  variance: Float32Array,
  nx: number,
  ny: number,
): void {
  const simd = nx < 6 ? null : simdFor(s, a) && simdFor(s, variance);
  if (simd) simd.sharpness(s.byteOffset, a.byteOffset, variance.byteOffset, nx, ny);
  else sharpnessPlain(s, a, variance, nx, ny);
}

export function sharpnessPlain(
  s: Float32Array,
  a: Float32Array,
  variance: Float32Array,
  nx: number,
  ny: number,
): void {
  for (let y = 0; y < ny; y++)
    for (let x = 0, i = y * nx; x < nx; x++, i++) {
      const p = 2 * a[i]!;
      const left = x > 0 ? a[i - 1]! : 0;
      const right = x < nx - 1 ? a[i + 1]! : 0;
      const down = y > 0 ? a[i - nx]! : 0;
      const up = y < ny - 1 ? a[i + nx]! : 0;
      const dl = p - left - down;
      const dr = p - right - down;
      const ul = p - left - up;
      const ur = p - right - up;
      const l = ((dl > 0 ? dl : 0) + (dr > 0 ? dr : 0) + (ul > 0 ? ul : 0) + (ur > 0 ? ur : 0)) / 4;
      s[i] = Math.fround(l) / (2 * noiseOf(variance[i]!));
    }
}

/** Lists the places where s − t, a float32, is above the limit; returns how many there are. No NaN. */
export function above(list: Uint32Array, s: Float32Array, t: Float32Array, limit: number): number {
  const simd = simdFor(s, t) && simdFor(s, list);
  return simd
    ? simd.above(list.byteOffset, s.byteOffset, t.byteOffset, s.length, limit)
    : abovePlain(list, s, t, limit);
}

export function abovePlain(list: Uint32Array, s: Float32Array, t: Float32Array, limit: number): number {
  let count = 0;
  for (let i = 0; i < s.length; i++) if (Math.fround(s[i]! - t[i]!) > limit) list[count++] = i;
  return count;
}
