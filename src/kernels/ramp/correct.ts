/** Corrections of the samples of one group: saturation test, linearity polynomial, subtraction. */
import { simdFor } from "../memory.js";

/**
 * run |= s ≥ threshold (as 255); flags |= SATURATED (2) where run, AD_FLOOR|DO_NOT_USE (65) where s ≤ 0.
 * Tells whether any pixel carries SATURATED afterwards.
 */
export function markSaturated(
  flags: Uint8Array,
  run: Uint8Array,
  samples: Float32Array,
  threshold: Float32Array,
): boolean {
  const simd = simdFor(flags, samples);
  if (!simd || !simdFor(run, threshold)) return markSaturatedPlain(flags, run, samples, threshold);
  const [f, r, s, t] = [flags.byteOffset, run.byteOffset, samples.byteOffset, threshold.byteOffset];
  return simd.markSaturated(f, r, s, t, samples.length) !== 0;
}

export function markSaturatedPlain(
  flags: Uint8Array,
  run: Uint8Array,
  samples: Float32Array,
  threshold: Float32Array,
): boolean {
  let found = 0;
  for (let i = 0; i < samples.length; i++) {
    const s = samples[i]!;
    if (s >= threshold[i]!) run[i] = 255;
    let flag = flags[i]! | (run[i]! & 2);
    if (s <= 0) flag |= 65;
    flags[i] = flag;
    found |= flag & 2;
  }
  return found !== 0;
}

/** Some pixels of a group. */
export interface Part {
  /** Pixel of the plane that they begin with, and pixels of a plane of coefficients. */
  from: number;
  plane: number;
  /** Flags of these samples; one with any bit of `keep` stays as it is. */
  flags: Uint8Array | null;
  keep: number;
}

/** s ← Σ_k c_k·s^k by Horner's rule, each operation rounded to float32; `c` holds two or more planes of coefficients. */
export function polynomial(samples: Float32Array, c: Float32Array, part: Part): void {
  const simd = simdFor(samples, c);
  const { from, plane, flags, keep } = part;
  if (!simd || (flags && !simdFor(flags, flags))) return polynomialPlain(samples, c, part);
  simd.polynomial(
    ...[samples.byteOffset, c.byteOffset + 4 * from, flags?.byteOffset ?? 0, keep],
    ...[samples.length, c.length / plane, 4 * plane],
  );
}

export function polynomialPlain(
  samples: Float32Array,
  c: Float32Array,
  { from, plane, flags, keep }: Part,
): void {
  for (let i = 0; i < samples.length; i++) {
    if (flags && (flags[i]! & keep) !== 0) continue;
    const x = samples[i]!;
    const first = from + i;
    let at = c.length - plane + first;
    let r = Math.fround(c[at]! * x);
    for (at -= plane; at > first; at -= plane) r = Math.fround(Math.fround(r + c[at]!) * x);
    samples[i] = r + c[first]!;
  }
}

/**
 * Adds `bit` to the flags of pixels whose linear coefficient is 0, or any is NaN; `c` [planes][n]. Tells whether any pixel
 * carries it now.
 */
export function flagCoefficients(dq: Uint32Array, c: Float32Array, bit: number): boolean {
  const simd = simdFor(dq, c);
  if (!simd) return flagCoefficientsPlain(dq, c, bit);
  return simd.flagCoefficients(dq.byteOffset, c.byteOffset, dq.length, c.length / dq.length, bit) !== 0;
}

export function flagCoefficientsPlain(dq: Uint32Array, c: Float32Array, bit: number): boolean {
  const n = dq.length;
  let any = false;
  for (let i = 0; i < n; i++) {
    let bad = c[n + i] === 0;
    for (let at = i; at < c.length; at += n) bad ||= Number.isNaN(c[at]!);
    if (bad) dq[i]! |= bit;
    any ||= (dq[i]! & bit) !== 0;
  }
  return any;
}

/** s −= d, with d = 0 where it is NaN. */
export function subtractFinite(samples: Float32Array, d: Float32Array): void {
  const simd = simdFor(samples, d);
  if (simd) simd.subtractFinite(samples.byteOffset, d.byteOffset, samples.length);
  else subtractFinitePlain(samples, d);
}

export function subtractFinitePlain(samples: Float32Array, d: Float32Array): void {
  for (let i = 0; i < samples.length; i++) samples[i]! -= Number.isNaN(d[i]!) ? 0 : d[i]!;
}
