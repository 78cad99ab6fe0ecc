/** The non-linearity polynomial of the instrument's own library, in its arithmetic. */

/** s ← (1 + c0 + c1·s + … + c4·s⁴)·s; f32(1+c0) + f32(c1·s) in float32, the rest in float64, rounded at the end. */
export function irisPolynomial(samples: Float32Array, c: Float32Array, keep: Uint8Array | null): void {
  const n = samples.length;
  const planes = c.length / n;
  for (let i = 0; i < n; i++) {
    if (keep && keep[i] !== 0) continue;
    const x = samples[i]!;
    const linear = planes > 1 ? Math.fround(c[n + i]! * x) : 0;
    let factor: number = Math.fround(Math.fround(1 + c[i]!) + linear);
    let power = x;
    for (let k = 2; k < planes; k++) {
      power *= x;
      factor += c[k * n + i]! * power;
    }
    samples[i] = factor * x;
  }
}

/** Whole DN towards zero, as a cast to int32 does. */
export function truncate(samples: Float32Array): void {
  for (let i = 0; i < samples.length; i++) samples[i] = Math.trunc(samples[i]!);
}
