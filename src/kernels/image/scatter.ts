/** Median and standard deviation of a stack, pixel by pixel, and the typical value and scatter of a plane. */
import { sortShort } from "./robust.js";
import { medianOf } from "./select.js";
import { MAD_TO_SIGMA, medianOfRun, stdOfRun } from "./sigma-clip.js";

/** Median and population standard deviation of the finite values of each pixel; NaN where there are none. */
export function medianAndStd(median: Float32Array, std: Float32Array, planes: readonly Float32Array[]): void {
  const values = new Float64Array(planes.length);
  const run = { from: 0, to: 0 };
  for (let i = 0; i < median.length; i++) {
    let n = 0;
    for (const plane of planes) {
      const value = plane[i]!;
      if (value - value === 0) values[n++] = value;
    }
    sortShort(values, n);
    run.to = n;
    median[i] = n > 0 ? medianOfRun(values, run) : NaN;
    std[i] = n > 0 ? stdOfRun(values, run) : NaN;
  }
}

/** Median and 1.4826·MAD of the finite values that `out` doesn't leave out; NaN without any. `scratch`: as long. */
export function typicalOf(
  plane: Float32Array,
  out: Uint8Array | null,
  scratch: Float32Array,
): { median: number; madstd: number } {
  let n = 0;
  for (let i = 0; i < plane.length; i++) {
    const value = plane[i]!;
    if (value - value === 0 && !(out && out[i])) scratch[n++] = value;
  }
  const median = medianOf(scratch, n);
  for (let i = 0; i < n; i++) scratch[i] = Math.abs(scratch[i]! - median);
  return { median, madstd: MAD_TO_SIGMA * medianOf(scratch, n) };
}

/**
 * Median of `values[0..n)` after clipping at `sigma` × 1.4826·MAD about it until nothing changes; rearranges the
 * values. `scratch`: as long. NaN when n = 0.
 */
export function clippedMedian(
  values: Float32Array,
  n: number,
  sigma: number,
  scratch: Float32Array,
): { median: number; madstd: number; kept: number } {
  let kept = n;
  for (;;) {
    const median = medianOf(values, kept);
    for (let i = 0; i < kept; i++) scratch[i] = Math.abs(values[i]! - median);
    const madstd = MAD_TO_SIGMA * medianOf(scratch, kept);
    const limit = sigma * madstd;
    let left = 0;
    for (let i = 0; i < kept; i++) if (Math.abs(values[i]! - median) <= limit) values[left++] = values[i]!;
    // More than half of the values alike have a MAD of 0, which would clip all others.
    if (left === kept || madstd === 0) return { median, madstd, kept };
    kept = left;
  }
}
