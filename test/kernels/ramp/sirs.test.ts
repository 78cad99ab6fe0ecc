import test from "ava";
import { convolveRows, makeKernel, rowMeans } from "../../../src/kernels/ramp/sirs.js";

const close = (
  t: { true(ok: boolean, why?: string): unknown },
  got: ArrayLike<number>,
  want: readonly number[],
) => want.forEach((value, i) => t.true(Math.abs(got[i]! - value) < 1e-6, `${i}: ${got[i]!} is not ${value}`));

/** Of 12 rows; what numpy's irfft, fftshift, and convolve of the same size make of it, σ = 0.8, two rows on each side. */
const weights = [0.35, 0, 0.82, 0.36, 0.33, 0.29, -1.3, 0.03, 0.91, 0.55, 0.45, -0.74, -0.54, 0];
const kernel = [0.20579578, 0.20305255, 0.13788432, 0.05737961, 0.04154254];

test("a kernel is the middle of the weights' real form, smoothed", (t) => {
  close(t, makeKernel(Float64Array.from(weights), 2, 0.8), kernel);
});

test("rows are convolved, with zeros beyond both ends, in bands as in the whole", (t) => {
  const rows = Float64Array.of(1, 4, 2, 8, 5, 7);
  const want = [1.36168606, 2.66138823, 3.20022891, 3.83983716, 2.65291142, 1.58442867];
  const k = makeKernel(Float64Array.from(weights), 2, 0.8);
  const whole = new Float64Array(6);
  convolveRows(rows, k, 0, whole);
  close(t, whole, want);
  const band = new Float64Array(3);
  convolveRows(rows, k, 2, band);
  t.deepEqual(band, whole.slice(2, 5));
});

test("weights of 1 at all frequencies are one row", (t) => {
  const flat = Float64Array.from({ length: 2 * 9 }, (_, i) => 1 - (i % 2));
  close(t, makeKernel(flat, 3, 1e-3), [0, 0, 0, 1, 0, 0, 0]);
});

test("the mean of a row leaves out bad pixels and outliers; rows without any lie between their neighbours", (t) => {
  // the median of the good values is 10, their median deviation 1
  const pixels = Float32Array.of(
    8,
    9,
    10,
    11,
    9,
    10,
    99,
    10,
    5000,
    10,
    10,
    11,
    50,
    60,
    70,
    80,
    12,
    10,
    11,
    9,
  );
  const bad = new Uint8Array(20);
  bad[8] = 1;
  const means = new Float32Array(5);
  rowMeans(pixels, bad, 4, 4, means);
  close(t, means, [9.5, 29 / 3, 31 / 3, (31 / 3 + 10.5) / 2, 10.5]);
});

test("rows before the first good one are like it, and without any good pixel nothing is subtracted", (t) => {
  const pixels = Float32Array.of(7, 7, 3, 3, 3, 3, 9, 9);
  const means = new Float32Array(4);
  rowMeans(pixels, Uint8Array.of(1, 1, 0, 0, 0, 0, 1, 1), 2, 4, means);
  t.deepEqual([...means], [3, 3, 3, 3]);
  rowMeans(pixels, new Uint8Array(8).fill(1), 2, 4, means);
  t.deepEqual([...means], [0, 0, 0, 0]);
});
