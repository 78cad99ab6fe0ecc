/** The drift of each row that reference pixels at its ends show: a running median (READOUT §8). */
import type { Alloc } from "../alloc.js";
import { medianOf } from "../image/select.js";
import { simdFor } from "../memory.js";
import { rawF32 } from "../raw.js";
import { meanOfFinite, type RefpixOptions } from "./refpix.js";
import { comparators } from "./selection.js";

/** Rows [y0, y0 + ny) of a frame of `frame` rows. */
export interface Extent {
  y0: number;
  ny: number;
  frame: number;
}

/** What the frames of a band share. */
export interface DriftFilter {
  options: RefpixOptions;
  extent: Extent;
  /** The rows that each row's median takes in, [ny + 2·half]; −1 where they aren't held here. */
  rows: Int32Array;
  /** Reference pixels, NaN where none can be used: [2·border][stride]. */
  lines: Float32Array;
  stride: number;
  /** Medians at both ends, [2][ny, up to a multiple of eight]. */
  medians: Float64Array;
  /** Rows that are sorted, an even number: the middle of what can be used is the middle of all. */
  size: number;
  pairs: Uint32Array;
  scratch: Uint8Array;
}

export function makeDriftFilter(options: RefpixOptions, extent: Extent, alloc: Alloc): DriftFilter {
  const { border, smoothing } = options;
  const half = smoothing >> 1;
  const { y0, ny, frame } = extent;
  const rows = Int32Array.from({ length: ny + 2 * half }, (_, i) => {
    const at = mirror(y0 + i - half, frame) - y0;
    // only rows that are context themselves look beyond what is held here
    return at >= 0 && at < ny ? at : -1;
  });
  const places = (ny + 7) & ~7;
  const stride = places + 2 * half;
  const values = (2 * half + 1) * border;
  const size = values + (values & 1);
  return {
    ...{ options, extent, rows, stride, size },
    lines: rawF32(alloc, 2 * border * stride).fill(NaN),
    medians: alloc.f64(2 * places),
    pairs: comparators(size, 32, alloc),
    scratch: alloc.u8(32 * size),
  };
}

/**
 * The drift of each row, 0 where its reference pixels hold nothing good: into[ny]. `sides` [ny][2·border] are the first and the
 * last columns, their channels' level subtracted; `bad` ≠ 0 where one must not be used.
 */
export function rowDrifts(
  filter: DriftFilter,
  sides: Float32Array,
  bad: Uint8Array,
  into: Float32Array,
): void {
  const { lines, medians, pairs, scratch, stride, size, rows, extent, options } = filter;
  const { border, smoothing, sideGain } = options;
  const simd = simdFor(lines, pairs);
  if (!simd) return rowDriftsPlain(filter, sides, bad, into);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    for (let x = 0, at = 2 * border * row; x < 2 * border; x++, at++)
      lines[x * stride + i] = row >= 0 && bad[at] === 0 ? sides[at]! : NaN;
  }
  const across = medians.length / 2;
  for (let side = 0; side < 2; side++)
    simd.runningMedians(
      ...[medians.byteOffset + 8 * side * across, lines.byteOffset + 4 * side * border * stride, 4 * stride],
      ...[extent.ny, 2 * (smoothing >> 1) + 1, border],
      ...[pairs.byteOffset, pairs.length / 2, size, scratch.byteOffset],
    );
  for (let y = 0; y < extent.ny; y++) into[y] = driftOf(medians[y]!, medians[across + y]!, sideGain);
}

export function rowDriftsPlain(
  { rows, extent, options }: DriftFilter,
  sides: Float32Array,
  bad: Uint8Array,
  into: Float32Array,
): void {
  const { border, smoothing, sideGain } = options;
  const taken = 2 * (smoothing >> 1) + 1;
  const scratch = new Float64Array(taken * border);
  const median = (x0: number, y: number): number => {
    let n = 0;
    for (const row of rows.subarray(y, y + taken)) {
      if (row < 0) continue;
      for (let i = 2 * border * row + x0; i < 2 * border * row + x0 + border; i++) {
        const value = sides[i]!;
        if (bad[i] === 0 && value === value) scratch[n++] = value;
      }
    }
    return medianOf(scratch, n);
  };
  for (let y = 0; y < extent.ny; y++) into[y] = driftOf(median(0, y), median(border, y), sideGain);
}

function driftOf(left: number, right: number, sideGain: number): number {
  const level = meanOfFinite(left, right);
  // + 0: whether −0 or 0 stands in the middle of a window is left to the sorting
  return level === level ? sideGain * level + 0 : 0;
}

/** Mirrored at the first and last row, without repeating them. */
function mirror(row: number, ny: number): number {
  if (row < 0) return -row;
  return row < ny ? row : 2 * (ny - 1) - row;
}
