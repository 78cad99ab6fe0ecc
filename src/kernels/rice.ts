/**
 * Rice coding of differences between neighbours (White & Becker; FITS 4.0 §10.4.1).
 *
 * Blocks of pixels share a split level: each difference is a unary high part and that many low bits.
 */
import { simdFor } from "./memory.js";

/** Pixels of 1 byte are unsigned, others signed. */
export type RicePixels = Uint8Array | Int16Array | Int32Array;

interface Split {
  /** Bits that code the split level, and the level that means "not coded". */
  levelBits: number;
  rawLevel: number;
}

const splits: Readonly<Record<number, Split>> = {
  1: { levelBits: 3, rawLevel: 6 },
  2: { levelBits: 4, rawLevel: 14 },
  4: { levelBits: 5, rawLevel: 25 },
};

/** Fewest bytes that can code `count` pixels: every block needs its level. */
export const leastRiceBytes = (count: number, blockSize: number, bytesPerPixel: number): number =>
  bytesPerPixel + (Math.ceil(count / blockSize) * (splits[bytesPerPixel]?.levelBits ?? 3)) / 8 - 1;

/** Bytes that the SIMD build wants beside a stream of `size` bytes. */
export const riceScratch = (size: number): number => size + 24;

/**
 * Fills `out`; returns −1, or the number of pixels before the place where the stream ends early or is damaged.
 *
 * @param scratch `riceScratch` bytes of kernel memory; without it, or with other arrays elsewhere, the plain twin runs.
 */
export function decodeRice(
  out: RicePixels,
  packed: Uint8Array,
  blockSize: number,
  scratch?: Uint8Array,
): number {
  const simd = scratch && simdFor(out, packed) && simdFor(scratch, scratch);
  // Bits are counted in 32 bits.
  if (!simd || packed.length > 2 ** 28) return decodeRicePlain(out, packed, blockSize);
  const [to, from, work] = [out.byteOffset, packed.byteOffset, scratch.byteOffset];
  return simd.riceDecode(to, from, packed.length, out.length, out.BYTES_PER_ELEMENT, blockSize, work);
}

/** Room for reading past the end without a test per bit. */
const slack = 12;

export function decodeRicePlain(out: RicePixels, packed: Uint8Array, blockSize: number): number {
  const { levelBits, rawLevel } = splits[out.BYTES_PER_ELEMENT]!;
  const rawBits = 8 * out.BYTES_PER_ELEMENT;
  const c = new Uint8Array(packed.length + slack);
  c.set(packed);
  const end = packed.length * 8;
  const wordAt = (bit: number): number => {
    const p = Math.floor(bit / 8);
    return ((c[p]! << 24) | (c[p + 1]! << 16) | (c[p + 2]! << 8) | c[p + 3]!) << (bit & 7);
  };
  const rawAt = (bit: number): number => {
    const shift = bit & 7;
    const word = shift === 0 ? wordAt(bit) : wordAt(bit) | (c[Math.floor(bit / 8) + 4]! >> (8 - shift));
    return word >>> (32 - rawBits);
  };
  let last = rawAt(0);
  let at = rawBits;
  const n = out.length;
  for (let i = 0; i < n;) {
    if (at > end) return i;
    const level = (wordAt(at) >>> (32 - levelBits)) - 1;
    at += levelBits;
    const stop = Math.min(n, i + blockSize);
    if (level < 0) {
      out.fill(last, i, stop);
      i = stop;
      continue;
    }
    if (level > rawLevel) return i;
    for (; i < stop; i++) {
      if (at > end) return i;
      let coded: number;
      if (level === rawLevel) {
        coded = rawAt(at);
        at += rawBits;
      } else {
        let zeros = 0;
        // 25 bits of the word are the stream's for sure.
        let lead = Math.clz32(wordAt(at));
        while (lead >= 25) {
          zeros += 25;
          at += 25;
          if (at > end) return i;
          lead = Math.clz32(wordAt(at));
        }
        at += lead + 1;
        coded = (zeros + lead) << level;
        if (level > 0) coded |= wordAt(at) >>> (32 - level);
        at += level;
      }
      last = (last + ((coded >>> 1) ^ -(coded & 1))) | 0;
      out[i] = last;
    }
  }
  return at > end + 7 ? n : -1;
}
