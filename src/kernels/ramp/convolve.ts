/** Two-dimensional convolution with a small kernel, for inter-pixel capacitance (READOUT §6). */

/** The sides are odd. */
export interface Kernel {
  /** [height][width]; or [height][width] planes of the size of the frame, where each pixel has a kernel of its own. */
  values: ArrayLike<number>;
  width: number;
  height: number;
}

/**
 * out[y][x] = Σ_jk K[j][k]·in[y−j+c][x−k+c], c the middle of the kernel of pixel (y, x). Pixels with `outside` ≠ 0
 * (the reference border) and those beyond the frame count as zero; the former keep their value. Works in place.
 */
export function convolve(
  frame: Float32Array,
  nx: number,
  outside: Uint8Array,
  { values, width, height }: Kernel,
  scratch: Float32Array,
): void {
  const ny = frame.length / nx;
  const [cy, cx] = [height >> 1, width >> 1];
  const isCommon = values.length === width * height;
  const [element, pixel] = isCommon ? [1, 0] : [frame.length, 1];
  for (let i = 0; i < frame.length; i++) scratch[i] = outside[i] === 0 ? frame[i]! : 0;
  for (let y = 0, p = 0; y < ny; y++)
    for (let x = 0; x < nx; x++, p++) {
      if (outside[p] !== 0) continue;
      let sum = 0;
      for (let j = Math.max(0, y + cy - ny + 1); j <= Math.min(height - 1, y + cy); j++)
        for (let k = Math.max(0, x + cx - nx + 1); k <= Math.min(width - 1, x + cx); k++)
          sum += values[(j * width + k) * element + p * pixel]! * scratch[(y - j + cy) * nx + x - k + cx]!;
      frame[p] = sum;
    }
}
