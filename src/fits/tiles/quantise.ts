/** Floats to integers: steps of a fraction of the noise, dithered (Pence, Seaman & White; FITS 4.0 §10.2). */
import { ditherTable, firstOffset, type Dither } from "./dither.js";

export interface QuantiseOptions {
  /** Steps per standard deviation of the noise (fpack's -q, 4 by default); negative: the step itself. */
  level: number;
  dither: Dither;
  /** ZDITHER0: 1 to 10000. */
  seed: number;
  /** NaN pixels in a mask of their own (NULL_PIXEL_MASK) instead of one integer for all (ZBLANK). */
  mask?: boolean;
}

const count = 10000;
const nullValue = -2147483647;
const zeroValue = -2147483646;

function median(values: Float64Array): number {
  const sorted = values.sort();
  const n = sorted.length;
  return n === 0 ? 0 : n % 2 === 1 ? sorted[n >> 1]! : (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2;
}

/**
 * Noise of a row by its third-order differences, which smooth structure doesn't reach (Stoehr et al. 2008):
 * σ = 0.6052697 · median |2 x[i] − x[i−2] − x[i+2]|
 */
export function noiseOf(values: ArrayLike<number>): number {
  const good: number[] = [];
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i]!)) good.push(values[i]!);
  if (good.length < 9) return 0;
  const differences = new Float64Array(good.length - 4);
  for (let i = 2; i < good.length - 2; i++)
    differences[i - 2] = Math.abs(2 * good[i]! - good[i - 2]! - good[i + 2]!);
  return 0.6052697 * median(differences);
}

export interface Quantised {
  integers: Int32Array;
  scale: number;
  zero: number;
  /** 1 where a pixel is NaN; null where none is, or ZBLANK says it. */
  mask: Uint8Array | null;
}

/** Integers of one tile, or null where the range over the step doesn't fit 32 bits or there is no noise. */
export function encodeQuantised(
  values: Float32Array | Float64Array,
  options: QuantiseOptions,
  tile: number,
): Quantised | null {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (!Number.isFinite(min) || !Number.isFinite(max)) return null;
  const scale = options.level < 0 ? -options.level : noiseOf(values) / options.level;
  if (scale === 0 || (max - min) / scale > 2 ** 31 - 20) return null;
  const zero = min;
  const dithered = options.dither !== "NO_DITHER";
  const integers = new Int32Array(values.length);
  let mask: Uint8Array | null = null;
  let iseed = (tile - 1 + options.seed - 1) % count;
  let next = firstOffset(iseed);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value !== value) {
      if (options.mask === true) {
        mask ??= new Uint8Array(values.length);
        mask[i] = 1;
        // What stands there doesn't count: its neighbour's value packs best.
        integers[i] = i === 0 ? 0 : integers[i - 1]!;
      } else integers[i] = nullValue;
    } else if (value === 0 && options.dither === "SUBTRACTIVE_DITHER_2") integers[i] = zeroValue;
    else integers[i] = Math.round((value - zero) / scale + (dithered ? ditherTable[next]! - 0.5 : 0));
    if (++next === count) {
      iseed = (iseed + 1) % count;
      next = firstOffset(iseed);
    }
  }
  return { integers, scale, zero, mask };
}
