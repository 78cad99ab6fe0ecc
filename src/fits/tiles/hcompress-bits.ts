/** The bit planes of HCOMPRESS: quadtrees of nybbles, Huffman-coded (FITS 4.0 §10.4.4). */
import { FitsError } from "../../errors.js";

/** Bits from the most significant end; `check` tells whether more were read than there are. */
export class BitReader {
  #at = 0;
  readonly #end: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    // Room for looking ahead at the end without a test per bit.
    this.#bytes = new Uint8Array(bytes.length + 8);
    this.#bytes.set(bytes);
    this.#end = bytes.length * 8;
  }

  #peek(count: number): number {
    const p = this.#at >>> 3;
    const b = this.#bytes;
    const word = (b[p]! << 16) | (b[p + 1]! << 8) | b[p + 2]!;
    return (word >> (24 - count - (this.#at & 7))) & ((1 << count) - 1);
  }

  /** Up to 16 bits. */
  bits(count: number): number {
    const value = this.#peek(count);
    this.#at += count;
    if (this.#at > this.#end + 32) this.check();
    return value;
  }

  /** One nybble by the fixed code: 3 bits for a single set bit, up to 6 for the rare ones. */
  huffman(): number {
    const code = huffmanTable[this.#peek(6)]!;
    this.#at += code >> 4;
    if (this.#at > this.#end + 32) this.check();
    return code & 15;
  }

  /** To the next byte. */
  align(): void {
    this.#at = (this.#at + 7) & ~7;
  }

  /** @throws FitsError when the stream was too short. */
  check(): void {
    if (this.#at > this.#end)
      throw new FitsError(`HCOMPRESS: the stream of ${this.#end / 8} bytes is too short`);
  }
}

/** Nybble → code and its length, most frequent first: the code is fixed by the standard. */
const codes: readonly (readonly [nybble: number, code: number, length: number])[] = [
  ...([
    [1, 0, 3],
    [2, 1, 3],
    [4, 2, 3],
    [8, 3, 3],
  ] as const),
  ...([
    [3, 8, 4],
    [5, 9, 4],
    [10, 10, 4],
    [12, 11, 4],
    [15, 12, 4],
  ] as const),
  ...([
    [6, 26, 5],
    [7, 27, 5],
    [9, 28, 5],
    [11, 29, 5],
    [13, 30, 5],
  ] as const),
  ...([
    [0, 62, 6],
    [14, 63, 6],
  ] as const),
];

/** What the next six bits mean: length · 16 + nybble. */
const huffmanTable: Uint8Array = (() => {
  const table = new Uint8Array(64);
  for (const [nybble, code, length] of codes) {
    const first = code << (6 - length);
    table.fill(length * 16 + nybble, first, first + (1 << (6 - length)));
  }
  return table;
})();

/** Nybble → length · 256 + code. */
export const codeOfNybble: Uint16Array = (() => {
  const table = new Uint16Array(16);
  for (const [nybble, code, length] of codes) table[nybble] = length * 256 + code;
  return table;
})();

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

/** Times that n can be halved, rounding up, until 1 is left. */
export const levelsOf = (n: number): number => Math.max(0, Math.ceil(Math.log2(n)));

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
      scratch[0] = bits.huffman();
      for (let level = 1; level < levels; level++) {
        const half = 2 ** (levels - level);
        const lx = Math.ceil(nx / half);
        const ly = Math.ceil(ny / half);
        spread(scratch, lx, ly);
        for (let k = lx * ly - 1; k >= 0; k--) if (scratch[k] !== 0) scratch[k] = bits.huffman();
      }
    } else throw new FitsError(`HCOMPRESS: a bit plane is marked ${mark}, neither 0 nor 15`);
    insert(a, base, stride, nx, ny, scratch, 2 ** plane);
  }
}
