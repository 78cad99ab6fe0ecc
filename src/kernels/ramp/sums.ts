/** Weighted sums over the reads of a run of pixels, from raw big-endian int16 or from decoded samples. */
import { simdFor } from "../memory.js";

/**
 * sums[i] = Σ_k weights[k]·s_k[start + i], plus sums[i] when `accumulate`; s_k is the big-endian int16 plane at byte
 * `offsets[k]`. Exact: the weights are integers, and Σ|w| < 65536 over all that is accumulated, so that every partial sum
 * fits 32 bits. As Σw = 0, BZERO doesn't matter. The number of weights is even.
 */
export function dot16(
  sums: Int32Array,
  bytes: Uint8Array,
  start: number,
  offsets: Uint32Array,
  weights: Int16Array,
  accumulate: boolean,
): void {
  const simd = simdFor(sums, bytes);
  if (!simd) return dot16Plain(sums, bytes, start, offsets, weights, accumulate);
  const base = bytes.byteOffset + 2 * start;
  const [o, w] = [offsets.byteOffset, weights.byteOffset];
  simd.dot16(sums.byteOffset, base, sums.length, o, w, weights.length, accumulate ? 1 : 0);
}

export function dot16Plain(
  sums: Int32Array,
  bytes: Uint8Array,
  start: number,
  offsets: Uint32Array,
  weights: Int16Array,
  accumulate: boolean,
): void {
  if (!accumulate) sums.fill(0);
  for (let k = 0; k < weights.length; k++) {
    const w = weights[k]!;
    for (let i = 0, at = offsets[k]! + 2 * start; i < sums.length; i++, at += 2)
      sums[i]! += w * ((((bytes[at]! << 8) | bytes[at + 1]!) << 16) >> 16);
  }
}

/** out[i] = sums[i], plus out[i] when `accumulate`. */
export function widenSums(out: Float64Array, sums: Int32Array, accumulate: boolean): void {
  const simd = simdFor(out, sums);
  if (!simd) return widenSumsPlain(out, sums, accumulate);
  simd.widenSums(out.byteOffset, sums.byteOffset, out.length, accumulate ? 1 : 0);
}

export function widenSumsPlain(out: Float64Array, sums: Int32Array, accumulate: boolean): void {
  for (let i = 0; i < out.length; i++) out[i] = accumulate ? out[i]! + sums[i]! : sums[i]!;
}

/**
 * out[i] = Σ_k weights[k]·s_k[start + i] in float64, added in the order of k; s_k is the plane at byte `offsets[k]`. Tells
 * whether none is NaN.
 */
export function dotF32(
  out: Float64Array,
  samples: Float32Array,
  start: number,
  offsets: Uint32Array,
  weights: Float64Array,
): boolean {
  const simd = simdFor(out, samples);
  if (!simd) return dotF32Plain(out, samples, start, offsets, weights);
  const base = samples.byteOffset + 4 * start;
  return (
    simd.dotF32(out.byteOffset, base, out.length, offsets.byteOffset, weights.byteOffset, weights.length) !==
    0
  );
}

export function dotF32Plain(
  out: Float64Array,
  samples: Float32Array,
  start: number,
  offsets: Uint32Array,
  weights: Float64Array,
): boolean {
  out.fill(0);
  for (let k = 0; k < weights.length; k++) {
    const w = weights[k]!;
    for (let i = 0, at = offsets[k]! / 4 + start; i < out.length; i++, at++) out[i]! += w * samples[at]!;
  }
  return !out.some(Number.isNaN);
}

/**
 * out[i] = Σ_k weights[k]·(s_k[start + i] + zero) in float64, added in the order of k; s_k is the int32 plane at byte
 * `offsets[k]`. Exact for integer weights while what is added stays below 2⁵³.
 */
export function dotI32(
  out: Float64Array,
  samples: Int32Array,
  zero: number,
  start: number,
  offsets: Uint32Array,
  weights: Float64Array,
): void {
  const simd = simdFor(out, samples);
  if (!simd) return dotI32Plain(out, samples, zero, start, offsets, weights);
  const base = samples.byteOffset + 4 * start;
  simd.dotI32(
    ...([out.byteOffset, base, out.length, offsets.byteOffset] as const),
    ...([weights.byteOffset, weights.length, zero] as const),
  );
}

export function dotI32Plain(
  out: Float64Array,
  samples: Int32Array,
  zero: number,
  start: number,
  offsets: Uint32Array,
  weights: Float64Array,
): void {
  out.fill(0);
  for (let k = 0; k < weights.length; k++) {
    const w = weights[k]!;
    for (let i = 0, at = offsets[k]! / 4 + start; i < out.length; i++, at++)
      out[i]! += w * (zero + samples[at]!);
  }
}

/** out[i] = mask & OR of `count` planes of `stride` flags, from `start` on; tells whether any bit is set. */
export function orPlanes(
  out: Uint8Array,
  flags: Uint8Array,
  start: number,
  count: number,
  stride: number,
  mask: number,
): boolean {
  const simd = simdFor(out, flags);
  if (!simd) return orPlanesPlain(out, flags, start, count, stride, mask);
  return simd.orPlanes(out.byteOffset, flags.byteOffset + start, out.length, count, stride, mask) !== 0;
}

export function orPlanesPlain(
  out: Uint8Array,
  flags: Uint8Array,
  start: number,
  count: number,
  stride: number,
  mask: number,
): boolean {
  let any = 0;
  out.fill(0);
  for (let k = 0; k < count; k++)
    for (let i = 0, at = start + k * stride; i < out.length; i++, at++) any |= out[i]! |= flags[at]! & mask;
  return any !== 0;
}
