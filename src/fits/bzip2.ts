/** bzip2 files: Huffman-coded, moved to front, Burrows–Wheeler transformed blocks. */
import { FitsError } from "../errors.js";

const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;
const groupSize = 50;

class Bits {
  #at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Up to 24 bits, most significant first. */
  read(count: number): number {
    if (this.#at + count > this.#bytes.length * 8) throw new FitsError("it ends early");
    const byte = Math.floor(this.#at / 8);
    const b = this.#bytes;
    const word =
      (b[byte]! << 24) | ((b[byte + 1] ?? 0) << 16) | ((b[byte + 2] ?? 0) << 8) | (b[byte + 3] ?? 0);
    const value = count === 0 ? 0 : (word << (this.#at & 7)) >>> (32 - count);
    this.#at += count;
    return value;
  }

  bit(): number {
    return this.read(1);
  }

  magic(): number {
    return this.read(24) * 2 ** 24 + this.read(24);
  }

  align(): void {
    this.#at = Math.ceil(this.#at / 8) * 8;
  }

  get left(): number {
    return this.#bytes.length - Math.ceil(this.#at / 8);
  }
}

/** Canonical Huffman table: for each length the last code of it, and where its symbols begin. */
interface Code {
  limits: Int32Array;
  bases: Int32Array;
  symbols: Uint16Array;
  least: number;
}

function makeCode(lengths: Uint8Array): Code {
  const least = Math.min(...lengths);
  const limits = new Int32Array(22).fill(-1);
  const bases = new Int32Array(22);
  const symbols = new Uint16Array(lengths.length);
  let code = 0;
  let at = 0;
  for (let length = least; length <= 20; length++) {
    bases[length] = at - code;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === length) {
        symbols[at++] = symbol;
        code++;
      }
    }
    limits[length] = code - 1;
    code <<= 1;
  }
  return { limits, bases, symbols, least };
}

function readSymbol(bits: Bits, { limits, bases, symbols, least }: Code): number {
  let code = bits.read(least);
  for (let length = least; length <= 20; length++) {
    const index = bases[length]! + code;
    if (code <= limits[length]! && index >= 0 && index < symbols.length) return symbols[index]!;
    code = (code << 1) | bits.bit();
  }
  throw new FitsError("a Huffman code doesn't exist");
}

/** The byte values that a block uses, in order. */
function readAlphabet(bits: Bits): number[] {
  const used: number[] = [];
  const rows = bits.read(16);
  for (let row = 0; row < 16; row++) {
    if (!(rows & (0x8000 >> row))) continue;
    const columns = bits.read(16);
    for (let column = 0; column < 16; column++)
      if (columns & (0x8000 >> column)) used.push(16 * row + column);
  }
  if (used.length === 0) throw new FitsError("a block has no bytes");
  return used;
}

function readSelectors(bits: Bits, tables: number): Uint8Array {
  const selectors = new Uint8Array(bits.read(15));
  const order = Array.from({ length: tables }, (_, i) => i);
  for (let i = 0; i < selectors.length; i++) {
    let position = 0;
    while (bits.bit() === 1)
      if (++position >= tables) throw new FitsError("a table selector is out of range");
    const [table] = order.splice(position, 1) as [number];
    order.unshift(table);
    selectors[i] = table;
  }
  return selectors;
}

function readCode(bits: Bits, size: number): Code {
  const lengths = new Uint8Array(size);
  let length = bits.read(5);
  for (let symbol = 0; symbol < size; symbol++) {
    while (bits.bit() === 1) length += bits.bit() === 0 ? 1 : -1;
    if (length < 1 || length > 20) throw new FitsError(`a code length of ${length}`);
    lengths[symbol] = length;
  }
  return makeCode(lengths);
}

/** Symbols of one block as the last column of the sorted rotations; returns how many there are. */
function readColumn(bits: Bits, column: Uint32Array): number {
  const front = readAlphabet(bits);
  const tables = bits.read(3);
  if (tables < 2 || tables > 6) throw new FitsError(`${tables} Huffman tables`);
  const selectors = readSelectors(bits, tables);
  const end = front.length + 1;
  const codes = Array.from({ length: tables }, () => readCode(bits, front.length + 2));
  let length = 0;
  let run = 0;
  let weight = 1;
  for (let symbols = 0; ; symbols++) {
    const code = codes[selectors[Math.floor(symbols / groupSize)] ?? 255];
    if (!code) throw new FitsError("a block is longer than its selectors");
    const symbol = readSymbol(bits, code);
    if (symbol <= 1) {
      // Runs of the front byte are numbers in bijective base 2.
      run += weight << symbol;
      weight *= 2;
      if (run > column.length) throw new FitsError("a run is longer than the block");
      continue;
    }
    if (run > 0) {
      if (length + run > column.length) throw new FitsError("a block is too long");
      column.fill(front[0]!, length, length + run);
      length += run;
      run = 0;
      weight = 1;
    }
    if (symbol === end) return length;
    if (length >= column.length) throw new FitsError("a block is too long");
    const [byte] = front.splice(symbol - 1, 1) as [number];
    front.unshift(byte);
    column[length++] = byte;
  }
}

/** Undoes the transform (indices kept in the high bits of the column) and the run lengths; appends to `out`. */
function writeBlock(
  column: Uint32Array,
  length: number,
  origin: number,
  out: Uint8Array[],
  limit: number,
): number {
  const starts = new Uint32Array(257);
  for (let i = 0; i < length; i++) starts[(column[i]! & 255) + 1]!++;
  for (let byte = 0; byte < 256; byte++) starts[byte + 1]! += starts[byte]!;
  for (let i = 0; i < length; i++) {
    const byte = column[i]! & 255;
    const at = starts[byte]!++;
    column[at] = (column[at]! & 255) | (i << 8);
  }
  // Four equal bytes are followed by a count of how many more there are: at most 51 times longer.
  let bytes = new Uint8Array(length + 1024);
  let size = 0;
  let at = column[origin]! >>> 8;
  let last = -1;
  let equal = 0;
  for (let i = 0; i < length; i++) {
    const byte = column[at]! & 255;
    at = column[at]! >>> 8;
    const count = equal === 4 ? byte : 1;
    if (size + count > bytes.length) {
      const larger = new Uint8Array(2 * bytes.length + count);
      larger.set(bytes);
      bytes = larger;
    }
    if (equal === 4) {
      bytes.fill(last, size, size + count);
      equal = 0;
      last = -1;
    } else {
      bytes[size] = byte;
      equal = byte === last ? equal + 1 : 1;
      last = byte;
    }
    size += count;
    if (size > limit) throw new FitsError(`it expands to more than the ${limit} bytes allowed`);
  }
  out.push(bytes.subarray(0, size));
  return size;
}

/** @throws FitsError when the stream is damaged or grows beyond `limit`. */
export function decodeBzip2(packed: Uint8Array, limit: number): Uint8Array {
  const bits = new Bits(packed);
  const out: Uint8Array[] = [];
  let total = 0;
  while (bits.left >= 4) {
    // Streams may be put one behind the other.
    if (bits.read(24) !== 0x425a68) break;
    const level = bits.read(8) - 48;
    if (level < 1 || level > 9) throw new FitsError(`a block size of ${level}`);
    const column = new Uint32Array(level * 100000);
    for (;;) {
      const magic = bits.magic();
      bits.read(16);
      bits.read(16);
      if (magic === endMagic) break;
      if (magic !== blockMagic) throw new FitsError("a block doesn't begin with its mark");
      if (bits.bit() === 1)
        throw new FitsError("randomised blocks, as before version 0.9.5, aren't supported");
      const origin = bits.read(24);
      const length = readColumn(bits, column);
      if (origin >= length) throw new FitsError("a block begins outside itself");
      total += writeBlock(column, length, origin, out, limit - total);
    }
    bits.align();
  }
  return Buffer.concat(out);
}
