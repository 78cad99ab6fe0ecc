/**
 * Reference pixels weighted by frequency (READOUT §8, SIRS; Rauscher et al. 2022, JATIS 8, 028002): the drift of each channel
 * is a sum of the left and the right reference columns, each convolved with a kernel of its own.
 */
import { medianOf } from "../image/select.js";

/**
 * A kernel of 2·half + 1 rows from the Fourier weights (re, im) of the frequencies 0 … n of 2n rows: its real form about
 * the middle, smoothed by a Gaussian of `smooth` rows that is cut to the same length.
 */
export function makeKernel(weights: ArrayLike<number>, half: number, smooth: number): Float64Array {
  const n = weights.length / 2 - 1;
  const sharp = Float64Array.from({ length: 2 * half + 1 }, (_, i) => realForm(weights, n, i - half));
  const window = sharp.map((_, i) => Math.exp(-((i - half) ** 2) / (2 * smooth ** 2)));
  const area = window.reduce((a, b) => a + b, 0);
  const kernel = new Float64Array(sharp.length);
  convolveRows(
    sharp,
    window.map((value) => value / area),
    0,
    kernel,
  );
  return kernel;
}

/** The inverse transform of a real series, at row `lag`. */
function realForm(weights: ArrayLike<number>, n: number, lag: number): number {
  let sum = weights[0]! + (lag % 2 === 0 ? 1 : -1) * weights[2 * n]!;
  for (let k = 1; k < n; k++) {
    const angle = (Math.PI * ((k * lag) % (2 * n))) / n;
    sum += 2 * (weights[2 * k]! * Math.cos(angle) - weights[2 * k + 1]! * Math.sin(angle));
  }
  return sum / (2 * n);
}

/** into[i] = Σ_k kernel[k + half]·rows[from + i − k]; beyond the ends rows are zero. */
export function convolveRows(
  rows: Float32Array | Float64Array,
  kernel: Float64Array,
  from: number,
  into: Float64Array,
): void {
  const half = kernel.length >> 1;
  for (let i = 0; i < into.length; i++) {
    const y = from + i;
    let sum = 0;
    for (let k = Math.max(-half, y - rows.length + 1); k <= Math.min(half, y); k++)
      sum += kernel[k + half]! * rows[y - k]!;
    into[i] = sum;
  }
}

/** MAD → σ, as the peer takes it. */
const MAD = 1.48;

/**
 * The mean of each row of reference pixels [rows][width], of those that aren't `bad` and lie within `reject`·1.48·MAD of
 * the median of all. Rows without any lie on the line between their neighbours; without any row all are 0.
 *
 * The peer takes pixels that are left out for 0 and scales the convolved rows up again by Σk/Σ(k·share of good ones): a
 * kernel whose values add up to nearly 0, as that of a channel far from its columns, makes that factor anything.
 */
export function rowMeans(
  pixels: Float32Array,
  bad: Uint8Array,
  width: number,
  reject: number,
  into: Float32Array,
): void {
  const used = new Float64Array(pixels.length);
  let n = 0;
  for (let i = 0; i < pixels.length; i++)
    if (bad[i] === 0 && Number.isFinite(pixels[i])) used[n++] = pixels[i]!;
  const middle = medianOf(used, n);
  for (let i = 0; i < n; i++) used[i] = Math.abs(used[i]! - middle);
  const limit = reject * MAD * medianOf(used, n);
  let last = -1;
  for (let y = 0; y < into.length; y++) {
    let [sum, count] = [0, 0];
    for (let i = y * width; i < (y + 1) * width; i++) {
      if (bad[i] !== 0 || !(Math.abs(pixels[i]! - middle) <= limit)) continue;
      sum += pixels[i]!;
      count++;
    }
    if (count === 0) continue;
    into[y] = sum / count;
    fillBetween(into, last, y);
    last = y;
  }
  if (last < 0) into.fill(0);
  else into.fill(into[last]!, last);
}

/** Rows between two that are known; those before the first are like it. */
function fillBetween(rows: Float32Array, first: number, last: number): void {
  if (first < 0) rows.fill(rows[last]!, 0, last);
  else
    for (let y = first + 1; y < last; y++)
      rows[y] = rows[first]! + ((rows[last]! - rows[first]!) * (y - first)) / (last - first);
}
