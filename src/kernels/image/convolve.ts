/** Direct convolution with small kernels, and the star profiles that they are made of. */

/** Square kernel of odd `size`, row by row, sum 1. */
export interface Kernel {
  size: number;
  weights: Float32Array;
}

/** gaussx and gaussy run along one axis only. FWHM in pixels; beta is Moffat's exponent. */
export type Profile = "gauss" | "gaussx" | "gaussy" | "moffat";

export function makeProfile(profile: Profile, fwhm: number, size: number, beta: number): Kernel {
  const half = (size - 1) / 2;
  const sigma = fwhm / 2.35482;
  const alpha = fwhm / 2 / Math.sqrt(2 ** (1 / beta) - 1);
  const weights = new Float32Array(size * size);
  let sum = 0;
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const [u, v] = [x - half, y - half];
      const r2 = u * u + v * v;
      const across = profile === "gaussx" ? v : profile === "gaussy" ? u : 0;
      const value =
        profile === "moffat"
          ? (1 + r2 / (alpha * alpha)) ** -beta
          : across === 0
            ? Math.exp(-r2 / (2 * sigma * sigma))
            : 0;
      weights[y * size + x] = value;
      sum += value;
    }
  for (let i = 0; i < weights.length; i++) weights[i]! /= sum;
  return { size, weights };
}

/** out = a ∗ kernel, zero outside the frame. */
export function convolve(
  out: Float32Array,
  a: Float32Array,
  nx: number,
  ny: number,
  { size, weights }: Kernel,
): void {
  const half = size >> 1;
  out.fill(0);
  for (let v = -half; v <= half; v++)
    for (let u = -half; u <= half; u++) {
      const w = weights[(half - v) * size + (half - u)]!;
      if (w === 0) continue;
      const [x0, x1] = [Math.max(0, -u), Math.min(nx, nx - u)];
      for (let y = Math.max(0, -v); y < Math.min(ny, ny - v); y++) {
        const at = y * nx;
        const from = (y + v) * nx + u;
        for (let x = x0; x < x1; x++) out[at + x]! += w * a[from + x]!;
      }
    }
}
