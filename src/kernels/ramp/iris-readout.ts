/** The non-linearity polynomial of the instrument's own library, in its arithmetic. */
import type { Part } from "./correct.js";

/** s ← (1 + c0 + c1·s + … + c4·s⁴)·s; f32(1+c0) + f32(c1·s) in float32, the rest in float64, rounded at the end. */
export function irisPolynomial(
  samples: Float32Array,
  c: Float32Array,
  { from, plane, flags, keep }: Part,
): void {
  const planes = c.length / plane;
  for (let i = 0; i < samples.length; i++) {
    if (flags && (flags[i]! & keep) !== 0) continue;
    const at = from + i;
    const x = samples[i]!;
    const linear = planes > 1 ? Math.fround(c[plane + at]! * x) : 0;
    let factor: number = Math.fround(Math.fround(1 + c[at]!) + linear);
    let power = x;
    for (let k = 2; k < planes; k++) {
      power *= x;
      factor += c[k * plane + at]! * power;
    }
    samples[i] = factor * x;
  }
}

/** Whole DN towards zero, as a cast to int32 does. */
export function truncate(samples: Float32Array): void {
  for (let i = 0; i < samples.length; i++) samples[i] = Math.trunc(samples[i]!);
}

/**
 * Adds `bit` to the flags of pixels whose linear term 1 + c0 is 0, or any coefficient is NaN; `c` [planes][n]. Tells whether
 * any pixel carries it now.
 */
export function flagIrisCoefficients(dq: Uint32Array, c: Float32Array, bit: number): boolean {
  const n = dq.length;
  let any = false;
  for (let i = 0; i < n; i++) {
    let bad = c[i] === -1;
    for (let at = i; at < c.length; at += n) bad ||= Number.isNaN(c[at]!);
    if (bad) dq[i]! |= bit;
    any ||= (dq[i]! & bit) !== 0;
  }
  return any;
}
