/** The non-linearity polynomial of the instrument's own library, in its arithmetic. */
import type { Groups } from "./correct.js";

/** s ← (1 + c0 + c1·s + … + c4·s⁴)·s; f32(1+c0) + f32(c1·s) in float32, the rest in float64, rounded at the end. */
export function irisPolynomial(
  samples: Float32Array,
  c: Float32Array,
  { nx, ny, flags, keep }: Groups,
): void {
  const n = nx * ny;
  const planes = c.length / n;
  for (let start = 0; start < samples.length; start += n)
    for (let i = 0; i < n; i++) {
      if (flags && (flags[start + i]! & keep) !== 0) continue;
      const x = samples[start + i]!;
      const linear = planes > 1 ? Math.fround(c[n + i]! * x) : 0;
      let factor: number = Math.fround(Math.fround(1 + c[i]!) + linear);
      let power = x;
      for (let k = 2; k < planes; k++) {
        power *= x;
        factor += c[k * n + i]! * power;
      }
      samples[start + i] = factor * x;
    }
}

/** Whole DN towards zero, as a cast to int32 does. */
export function truncate(samples: Float32Array): void {
  for (let i = 0; i < samples.length; i++) samples[i] = Math.trunc(samples[i]!);
}
