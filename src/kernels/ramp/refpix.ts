/** Levels that the reference pixels around an HxRG frame show (READOUT §8): by channel and column parity, then by row. */

import { simdFor } from "../memory.js";

export interface RefpixOptions {
  /** Rows and columns of reference pixels on each side. */
  border: number;
  /** Readout channels, along the fast axis. */
  channels: number;
  oddEven: boolean;
  /** Rows in the running median of the side pixels; made odd. */
  smoothing: number;
  sideGain: number;
  /** Clipping of the levels, in σ. */
  clip: number;
}

/**
 * The level of each channel's even and odd columns, [channels][2]; 0 where a channel has no good reference pixels.
 * `caps` are the reference pixels at both ends of the columns: the first `border` rows, then the last,
 * [2·border][length]; `bad` ≠ 0 where one must not be used.
 */
export function channelLevels(
  caps: Float32Array,
  bad: Uint8Array,
  length: number,
  { border, channels, oddEven, clip }: RefpixOptions,
): Float64Array {
  const width = length / channels;
  const parities = oddEven ? 2 : 1;
  const scratch = new Float64Array(border * width);
  const levels = new Float64Array(2 * channels);
  for (let c = 0; c < channels; c++) {
    const [from, to] = [c * width, (c + 1) * width];
    const found = [NaN, NaN];
    for (let parity = 0; parity < parities; parity++) {
      const level = (first: number): number => {
        let n = 0;
        for (let row = first; row < first + border; row++)
          for (let x = from + parity; x < to; x += parities)
            if (bad[row * length + x] === 0) scratch[n++] = caps[row * length + x]!;
        return clippedMean(scratch, n, clip);
      };
      found[parity] = meanOfFinite(level(0), level(border));
    }
    if (found.slice(0, parities).some(Number.isNaN)) continue;
    levels[2 * c] = found[0]!;
    levels[2 * c + 1] = found[parities - 1]!;
  }
  return levels;
}

/** The level of every column from those of the channels. */
export function spreadLevels(levels: Float64Array, into: Float32Array): void {
  const width = (2 * into.length) / levels.length;
  for (let x = 0; x < into.length; x++) {
    const c = Math.floor(x / width);
    into[x] = levels[2 * c + ((x - c * width) & 1)]!;
  }
}

/** The mean of `values[0..n)` within k population σ of the mean, repeated until nothing is removed. NaN of none. */
export function clippedMean(values: Float64Array, n: number, k: number): number {
  for (;;) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[i]!;
    const mean = sum / n;
    let squares = 0;
    for (let i = 0; i < n; i++) squares += (values[i]! - mean) ** 2;
    const limit = k * Math.sqrt(squares / n);
    if (n === 0 || limit === 0) return mean;
    let kept = 0;
    for (let i = 0; i < n; i++) if (Math.abs(values[i]! - mean) <= limit) values[kept++] = values[i]!;
    if (kept === n) return mean;
    n = kept;
  }
}

export function meanOfFinite(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : (a + b) / 2;
}

/**
 * Subtracts the levels of columns and rows from a frame of rows of nx pixels, in float32 after each; the rows' first
 * where `rowsFirst`, as the channels run along y then.
 */
export function subtractLevels(
  frame: Float32Array,
  columns: Float32Array,
  rows: Float32Array,
  rowsFirst: boolean,
): void {
  const simd = simdFor(frame, columns);
  if (!simd || !simdFor(rows, rows)) return subtractLevelsPlain(frame, columns, rows, rowsFirst);
  const [f, c, r] = [frame.byteOffset, columns.byteOffset, rows.byteOffset];
  simd.subtractLevels(f, c, r, columns.length, rows.length, rowsFirst ? 1 : 0);
}

export function subtractLevelsPlain(
  frame: Float32Array,
  columns: Float32Array,
  rows: Float32Array,
  rowsFirst: boolean,
): void {
  const nx = columns.length;
  for (let y = 0, i = 0; y < rows.length; y++) {
    const row = rows[y]!;
    if (rowsFirst) for (let x = 0; x < nx; x++, i++) frame[i] = Math.fround(frame[i]! - row) - columns[x]!;
    else for (let x = 0; x < nx; x++, i++) frame[i] = Math.fround(frame[i]! - columns[x]!) - row;
  }
}
