/** `compress` files (.Z): LZW with codes of 9 to 16 bits. */
import { FitsError } from "../errors.js";

const clear = 256;

/** Bytes that grow; never beyond `limit`. */
class Growing {
  #bytes = new Uint8Array(65536);
  length = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Room for `count` more; returns the array to write into. */
  reserve(count: number): Uint8Array {
    const needed = this.length + count;
    if (needed > this.#limit) throw new FitsError(`it expands to more than ${this.#limit} bytes`);
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return this.#bytes;
  }

  result(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

/** @throws FitsError when the stream is damaged or grows beyond `limit`. */
export function decodeLzw(packed: Uint8Array, limit: number): Uint8Array {
  const flags = packed[2] ?? 0;
  const maxBits = flags & 31;
  const block = (flags & 128) !== 0;
  if (maxBits < 9 || maxBits > 16) throw new FitsError(`codes of ${maxBits} bits`);
  const out = new Growing(limit);
  // A string is where it was written first: start and length in the output.
  const starts = new Float64Array(1 << maxBits);
  const lengths = new Uint32Array(1 << maxBits);
  let next = block ? 257 : 256;
  let width = 9;
  let at = 24;
  let groupStart = 24;
  let previous: { start: number; length: number } | null = null;
  const end = packed.length * 8;
  // Codes come in groups of eight; a change of width skips the rest of the group.
  const regroup = (): void => {
    const groupBits = width * 8;
    at = groupStart + Math.ceil((at - groupStart) / groupBits) * groupBits;
    groupStart = at;
  };
  while (at + width <= end) {
    if (next > (1 << width) - 1 && width < maxBits && previous) {
      regroup();
      width++;
      continue;
    }
    const byte = at >>> 3;
    const word = packed[byte]! | ((packed[byte + 1] ?? 0) << 8) | ((packed[byte + 2] ?? 0) << 16);
    const code = (word >>> (at & 7)) & ((1 << width) - 1);
    at += width;
    if (block && code === clear) {
      regroup();
      next = 257;
      width = 9;
      previous = null;
      continue;
    }
    const start = out.length;
    let length: number;
    if (code < 256) {
      out.reserve(1)[start] = code;
      length = 1;
    } else if (code < next) {
      length = lengths[code]!;
      out.reserve(length).copyWithin(start, starts[code]!, starts[code]! + length);
    } else if (code === next && previous) {
      length = previous.length + 1;
      const bytes = out.reserve(length);
      bytes.copyWithin(start, previous.start, previous.start + previous.length);
      bytes[start + length - 1] = bytes[start]!;
    } else throw new FitsError(`code ${code} before it is defined`);
    out.length += length;
    if (previous && next < 1 << maxBits) {
      // The new string is the previous one and one byte more: they lie side by side in the output.
      starts[next] = previous.start;
      lengths[next] = previous.length + 1;
      next++;
    }
    previous = { start, length };
  }
  return out.result();
}
