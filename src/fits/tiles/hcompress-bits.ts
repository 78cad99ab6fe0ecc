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

  /** The first `count` nybbles as they are. */
  nybbles(into: Uint8Array, count: number): void {
    const b = this.#bytes;
    let at = this.#at;
    if (at + 4 * count > this.#end) this.#short();
    for (let k = 0; k < count; k++, at += 4) {
      const p = at >>> 3;
      into[k] = (((b[p]! << 8) | b[p + 1]!) >> (12 - (at & 7))) & 15;
    }
    this.#at = at;
  }

  /** From the last to the first, a code for each nybble that isn't 0. */
  codes(into: Uint8Array, count: number): void {
    const b = this.#bytes;
    const table = huffmanTable;
    const end = this.#end;
    let at = this.#at;
    for (let k = count - 1; k >= 0; k--) {
      if (into[k] === 0) continue;
      const p = at >>> 3;
      const code = table[(((b[p]! << 8) | b[p + 1]!) >> (10 - (at & 7))) & 63]!;
      into[k] = code & 15;
      at += code >> 4;
      if (at > end) this.#short();
    }
    this.#at = at;
  }

  /** A bit for each number that isn't 0: set, it is negative. */
  signs(a: Float64Array): void {
    const b = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < a.length; i++) {
      const value = a[i]!;
      if (value === 0) continue;
      if ((b[at >>> 3]! << (at & 7)) & 128) a[i] = -value;
      at++;
    }
    this.#at = at;
    this.check();
  }

  #short(): never {
    throw new FitsError(`HCOMPRESS: the stream of ${this.#end / 8} bytes is too short`);
  }

  /** To the next byte. */
  align(): void {
    this.#at = (this.#at + 7) & ~7;
  }

  /** @throws FitsError when the stream was too short. */
  check(): void {
    if (this.#at > this.#end) this.#short();
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
  const pairs = ny >> 1;
  // From the far end, so that the parents are read before they are overwritten.
  for (let i = px - 1; i >= 0; i--) {
    const parents = i * py;
    const upper = 2 * i * ny;
    const low = 2 * i + 1 < nx;
    if (py > pairs) {
      const value = a[parents + pairs]!;
      if (low) a[upper + ny + 2 * pairs] = (value >> 1) & 1;
      a[upper + 2 * pairs] = value >> 3;
    }
    for (let j = pairs - 1; j >= 0; j--) {
      const value = a[parents + j]!;
      const at = upper + 2 * j;
      if (low) {
        a[at + ny + 1] = value & 1;
        a[at + ny] = (value >> 1) & 1;
      }
      a[at + 1] = (value >> 2) & 1;
      a[at] = value >> 3;
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
      bits.nybbles(scratch, nybbles);
    } else if (mark === 15) {
      scratch[0] = bits.huffman();
      for (let level = 1; level < levels; level++) {
        const half = 2 ** (levels - level);
        const lx = Math.ceil(nx / half);
        const ly = Math.ceil(ny / half);
        spread(scratch, lx, ly);
        bits.codes(scratch, lx * ly);
      }
    } else throw new FitsError(`HCOMPRESS: a bit plane is marked ${mark}, neither 0 nor 15`);
    insert(a, base, stride, nx, ny, scratch, 2 ** plane);
  }
}
