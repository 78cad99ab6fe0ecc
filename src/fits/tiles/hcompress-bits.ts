/** The bit planes of HCOMPRESS: quadtrees of nybbles, Huffman-coded (FITS 4.0 §10.4.4). */
import { FitsError } from "../../errors.js";

/** Bits from the most significant end; reading past the end throws. */
export class BitReader {
  #at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  bit(): number {
    const byte = this.#bytes[this.#at >>> 3];
    if (byte === undefined)
      throw new FitsError(`HCOMPRESS: the stream of ${this.#bytes.length} bytes is too short`);
    return (byte >> (7 - (this.#at++ & 7))) & 1;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = (value << 1) | this.bit();
    return value;
  }

  /** To the next byte. */
  align(): void {
    this.#at = (this.#at + 7) & ~7;
  }
}

const shortCodes = [1, 2, 4, 8];
const fourBits: Readonly<Record<number, number>> = { 8: 3, 9: 5, 10: 10, 11: 12, 12: 15 };
const fiveBits: Readonly<Record<number, number>> = { 26: 6, 27: 7, 28: 9, 29: 11, 30: 13 };

/** One nybble by the fixed code: 3 bits for a single set bit, up to 6 for the rare ones. */
function huffman(bits: BitReader): number {
  let code = bits.bits(3);
  if (code < 4) return shortCodes[code]!;
  code = (code << 1) | bits.bit();
  if (code < 13) return fourBits[code]!;
  code = (code << 1) | bits.bit();
  if (code < 31) return fiveBits[code]!;
  return ((code << 1) | bits.bit()) === 62 ? 0 : 14;
}

/** Every nybble of an nx×ny grid's parent level becomes four flags of the finer level, in place. */
function spread(a: Uint8Array, nx: number, ny: number): void {
  const px = (nx + 1) >> 1;
  const py = (ny + 1) >> 1;
  // From the far end, so that the parents are read before they are overwritten.
  for (let i = px - 1; i >= 0; i--) {
    for (let j = py - 1; j >= 0; j--) {
      const value = a[i * py + j]!;
      const at = 2 * i * ny + 2 * j;
      const right = 2 * j + 1 < ny;
      if (2 * i + 1 < nx) {
        if (right) a[at + ny + 1] = value & 1;
        a[at + ny] = (value >> 1) & 1;
      }
      if (right) a[at + 1] = (value >> 2) & 1;
      a[at] = (value >> 3) & 1;
    }
  }
}

/** Adds 2^bit to the four coefficients of each nybble that have the bit set. */
function insert(
  a: Float64Array,
  base: number,
  stride: number,
  nx: number,
  ny: number,
  from: Uint8Array,
  plane: number,
): void {
  let k = 0;
  for (let i = 0; i < nx; i += 2) {
    const low = i + 1 < nx;
    for (let j = 0; j < ny; j += 2) {
      const value = from[k++]!;
      if (value === 0) continue;
      const at = base + i * stride + j;
      const right = j + 1 < ny;
      if (value & 8) a[at]! += plane;
      if (value & 4 && right) a[at + 1]! += plane;
      if (low && value & 2) a[at + stride]! += plane;
      if (low && right && value & 1) a[at + stride + 1]! += plane;
    }
  }
}

const levelsOf = (n: number): number => Math.max(0, Math.ceil(Math.log2(n)));

/** Reads `planes` bit planes of an nx×ny quadrant that lies at `base` of `a`, rows `stride` apart. */
export function readQuadrant(
  bits: BitReader,
  a: Float64Array,
  base: number,
  stride: number,
  nx: number,
  ny: number,
  planes: number,
): void {
  const levels = levelsOf(Math.max(nx, ny));
  const nybbles = ((nx + 1) >> 1) * ((ny + 1) >> 1);
  const scratch = new Uint8Array(Math.max(1, 4 * nybbles));
  for (let plane = planes - 1; plane >= 0; plane--) {
    const mark = bits.bits(4);
    if (mark === 0) {
      for (let k = 0; k < nybbles; k++) scratch[k] = bits.bits(4);
    } else if (mark === 15) {
      scratch[0] = huffman(bits);
      for (let level = 1; level < levels; level++) {
        const half = 2 ** (levels - level);
        const lx = Math.ceil(nx / half);
        const ly = Math.ceil(ny / half);
        spread(scratch, lx, ly);
        for (let k = lx * ly - 1; k >= 0; k--) if (scratch[k] !== 0) scratch[k] = huffman(bits);
      }
    } else throw new FitsError(`HCOMPRESS: a bit plane is marked ${mark}, neither 0 nor 15`);
    insert(a, base, stride, nx, ny, scratch, 2 ** plane);
  }
}
