/** Median filters: separable ones of 3, 5, 7, 9 taps by sorting networks, full squares by selection. */
import { simdFor } from "../memory.js";
import { select } from "./select.js";

// As the SIMD build compares, so that both agree on −0 and NaN too; Math.min and Math.max are slower.
const min = (a: number, b: number): number => (b < a ? b : a);
const max = (a: number, b: number): number => (a < b ? b : a);
const median3 = (a: number, b: number, c: number): number => max(min(a, b), min(max(a, b), c));

/** out[i] = median of a[i + k·step], |k| ≤ taps/2, for i in [from, to). */
export function medianLine(
  out: Float32Array,
  a: Float32Array,
  from: number,
  to: number,
  step: number,
  taps: 3 | 5 | 7 | 9,
): void {
  const simd = to - from < 4 ? null : simdFor(out, a);
  if (!simd) return medianLinePlain(out, a, from, to, step, taps);
  simd.medianLine(out.byteOffset + 4 * from, a.byteOffset + 4 * from, to - from, step, taps);
}

export function medianLinePlain(
  out: Float32Array,
  a: Float32Array,
  from: number,
  to: number,
  step: number,
  taps: 3 | 5 | 7 | 9,
): void {
  const [s2, s3, s4] = [2 * step, 3 * step, 4 * step];
  if (taps === 3)
    for (let i = from; i < to; i++) {
      const b = a[i - step]!;
      const c = a[i]!;
      const d = a[i + step]!;
      out[i] = median3(b, c, d);
    }
  else if (taps === 5)
    for (let i = from; i < to; i++)
      out[i] = median5(a[i - s2]!, a[i - step]!, a[i]!, a[i + step]!, a[i + s2]!);
  else if (taps === 7)
    for (let i = from; i < to; i++)
      out[i] = median7(a[i - s3]!, a[i - s2]!, a[i - step]!, a[i]!, a[i + step]!, a[i + s2]!, a[i + s3]!);
  else
    for (let i = from; i < to; i++)
      out[i] = median9(
        a[i - s4]!,
        a[i - s3]!,
        a[i - s2]!,
        a[i - step]!,
        a[i]!,
        a[i + step]!,
        a[i + s2]!,
        a[i + s3]!,
        a[i + s4]!,
      );
}

const median5 = (a: number, b: number, c: number, d: number, e: number): number =>
  median3(e, max(min(a, b), min(c, d)), min(max(a, b), max(c, d)));

/** Thirteen exchanges (Paeth 1990, as given by Devillard), without those whose result nobody reads. */
function median7(a: number, b: number, c: number, d: number, e: number, f: number, g: number): number {
  let t: number;
  t = min(a, f);
  f = max(a, f);
  a = t;
  t = min(a, d);
  d = max(a, d);
  a = t;
  t = min(b, g);
  g = max(b, g);
  b = t;
  t = min(c, e);
  e = max(c, e);
  c = t;
  b = max(a, b);
  t = min(d, f);
  f = max(d, f);
  d = t;
  t = min(c, g);
  g = max(c, g);
  c = t;
  d = max(c, d);
  d = min(d, g);
  e = min(e, f);
  t = min(b, e);
  e = max(b, e);
  b = t;
  d = max(b, d);
  return min(d, e);
}

function median9(
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  g: number,
  h: number,
  i: number,
): number {
  // Three sorted triples: the median is that of the largest minimum, the median of medians, the least maximum.
  const low = max(max(min(min(a, b), c), min(min(d, e), f)), min(min(g, h), i));
  const high = min(min(max(max(a, b), c), max(max(d, e), f)), max(max(g, h), i));
  return median3(low, median3(median3(a, b, c), median3(d, e, f), median3(g, h, i)), high);
}

/** Medians along rows, then along columns; a frame of half the width keeps its values. `rows` is scratch. */
export function separableMedian(
  out: Float32Array,
  a: Float32Array,
  rows: Float32Array,
  nx: number,
  ny: number,
  taps: 3 | 5 | 7 | 9,
): void {
  const half = taps >> 1;
  if (nx < taps || ny < taps) {
    out.set(a);
    return;
  }
  for (let y = 0; y < ny; y++) medianLine(rows, a, y * nx + half, (y + 1) * nx - half, 1, taps);
  out.set(a.subarray(0, half * nx));
  for (let y = half; y < ny - half; y++) {
    const [from, to] = [y * nx, (y + 1) * nx];
    for (let x = 0; x < half; x++) {
      out[from + x] = a[from + x]!;
      out[to - 1 - x] = a[to - 1 - x]!;
    }
    medianLine(out, rows, from + half, to - half, nx, taps);
  }
  const bottom = (ny - half) * nx;
  out.set(a.subarray(bottom, ny * nx), bottom);
}

/** Median of the square of `size` × `size` pixels; a frame of half the size keeps its values. */
export function squareMedian(
  out: Float32Array,
  a: Float32Array,
  nx: number,
  ny: number,
  size: 3 | 5 | 7,
): void {
  const half = size >> 1;
  const count = size * size;
  const window = new Float32Array(count);
  out.set(a);
  for (let y = half; y < ny - half; y++)
    for (let x = half; x < nx - half; x++) {
      let n = 0;
      for (let v = -half; v <= half; v++) {
        const at = (y + v) * nx + x;
        for (let u = -half; u <= half; u++) window[n++] = a[at + u]!;
      }
      out[y * nx + x] = select(window, count, count >> 1);
    }
}
