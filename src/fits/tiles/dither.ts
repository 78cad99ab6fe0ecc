/** Quantised floats back to floats, the random offsets of the encoder taken off again (FITS 4.0 §10.2, Appendix I). */

const count = 10000;

/** Park & Miller's generator with seed 1, as single-precision fractions; the standard fixes this list. */
export const ditherTable: Float32Array = (() => {
  const table = new Float32Array(count);
  let seed = 1;
  for (let i = 0; i < count; i++) {
    seed = (16807 * seed) % 2147483647;
    table[i] = seed / 2147483647;
  }
  return table;
})();

export type Dither = "NO_DITHER" | "SUBTRACTIVE_DITHER_1" | "SUBTRACTIVE_DITHER_2";

/** Stands for a pixel that was exactly 0 before SUBTRACTIVE_DITHER_2. */
const zeroValue = -2147483646;

export interface Quantisation {
  scale: number;
  zero: number;
  /** Integer of undefined pixels; they become NaN. */
  blank: number | null;
  dither: Dither;
  /** Tile number from 1, plus ZDITHER0 − 1. */
  row: number;
}

/** Positions in the list of random numbers: where a tile starts, and how it goes on at the list's end. */
export function firstOffset(iseed: number): number {
  return Math.trunc(ditherTable[iseed]! * 500);
}

/** NaN with all bits set, as cfitsio writes it: unpacked files are the same, bit for bit. */
function setNaN(out: Float32Array | Float64Array, i: number): void {
  const size = out.BYTES_PER_ELEMENT;
  new Uint8Array(out.buffer, out.byteOffset + i * size, size).fill(255);
}

/** value = (integer − random + 0.5) · scale + zero */
export function unquantise(out: Float32Array | Float64Array, integers: Int32Array, q: Quantisation): void {
  const { scale, zero, blank } = q;
  if (q.dither === "NO_DITHER") {
    for (let i = 0; i < out.length; i++) {
      const value = integers[i]!;
      if (value === blank) setNaN(out, i);
      else out[i] = value * scale + zero;
    }
    return;
  }
  const keepZero = q.dither === "SUBTRACTIVE_DITHER_2";
  let iseed = (((q.row - 1) % count) + count) % count;
  let next = firstOffset(iseed);
  for (let i = 0; i < out.length; i++) {
    const value = integers[i]!;
    if (value === blank) setNaN(out, i);
    else if (keepZero && value === zeroValue) out[i] = 0;
    else out[i] = (value - ditherTable[next]! + 0.5) * scale + zero;
    if (++next === count) {
      iseed = (iseed + 1) % count;
      next = firstOffset(iseed);
    }
  }
}
