/**
 * Rice coding of differences between neighbours (White & Becker; FITS 4.0 §10.4.1).
 *
 * Blocks of pixels share a split level: each difference is a unary high part and that many low bits.
 */
import { FitsError } from "../../errors.js";

interface Split {
  /** Bits that code the split level, and the level that means "not coded". */
  levelBits: number;
  rawLevel: number;
  /** Bits of an uncoded difference. */
  rawBits: number;
}

const splits: Readonly<Record<number, Split>> = {
  1: { levelBits: 3, rawLevel: 6, rawBits: 8 },
  2: { levelBits: 4, rawLevel: 14, rawBits: 16 },
  4: { levelBits: 5, rawLevel: 25, rawBits: 32 },
};

/** Room for reading past the end without a test per bit. */
const slack = 12;

/** Fewest bytes that can code `count` pixels: every block needs its level. */
export const leastRiceBytes = (count: number, blockSize: number, bytesPerPixel: number): number =>
  bytesPerPixel + (Math.ceil(count / blockSize) * (splits[bytesPerPixel]?.levelBits ?? 3)) / 8 - 1;

/**
 * Decodes `out.length` pixels of `bytesPerPixel` (1, 2 or 4) bytes; 1-byte pixels are unsigned, others signed.
 *
 * @throws FitsError when the stream ends early.
 */
export function decodeRice(
  out: Int32Array,
  packed: Uint8Array,
  bytesPerPixel: number,
  blockSize: number,
): void {
  const split = splits[bytesPerPixel];
  if (!split || blockSize < 1)
    throw new FitsError(`Rice: ${bytesPerPixel} bytes per pixel, blocks of ${blockSize}`);
  const { levelBits, rawLevel, rawBits } = split;
  const c = new Uint8Array(packed.length + slack);
  c.set(packed);
  const end = packed.length * 8;
  const wrap = 32 - rawBits;
  let last = 0;
  for (let k = 0; k < bytesPerPixel; k++) last = (last << 8) | c[k]!;
  let at = rawBits;
  const n = out.length;
  for (let i = 0; i < n;) {
    if (at > end)
      throw new FitsError(`Rice: the stream of ${packed.length} bytes ends at pixel ${i} of ${n}`);
    let p = at >>> 3;
    let word = ((c[p]! << 24) | (c[p + 1]! << 16) | (c[p + 2]! << 8) | c[p + 3]!) << (at & 7);
    const level = (word >>> (32 - levelBits)) - 1;
    at += levelBits;
    const stop = Math.min(n, i + blockSize);
    if (level < 0) {
      const value = bytesPerPixel === 1 ? last & 255 : (last << wrap) >> wrap;
      for (; i < stop; i++) out[i] = value;
      continue;
    }
    if (level === rawLevel) {
      for (; i < stop; i++, at += rawBits) {
        if (at > end)
          throw new FitsError(`Rice: the stream of ${packed.length} bytes ends at pixel ${i} of ${n}`);
        p = at >>> 3;
        const high = (c[p]! << 24) | (c[p + 1]! << 16) | (c[p + 2]! << 8) | c[p + 3]!;
        const shift = at & 7;
        const bits = shift === 0 ? high : (high << shift) | (c[p + 4]! >> (8 - shift));
        const coded = bits >>> (32 - rawBits);
        last = (last + ((coded >>> 1) ^ -(coded & 1))) | 0;
        out[i] = bytesPerPixel === 1 ? last & 255 : (last << wrap) >> wrap;
      }
      continue;
    }
    for (; i < stop; i++) {
      let zeros = 0;
      for (;;) {
        p = at >>> 3;
        word = ((c[p]! << 24) | (c[p + 1]! << 16) | (c[p + 2]! << 8) | c[p + 3]!) << (at & 7);
        const lead = Math.clz32(word);
        // 25 bits of the word are the stream's for sure.
        if (lead < 25) {
          zeros += lead;
          at += lead + 1;
          break;
        }
        zeros += 24;
        at += 24;
        if (at > end)
          throw new FitsError(`Rice: the stream of ${packed.length} bytes ends at pixel ${i} of ${n}`);
      }
      let coded = zeros << level;
      if (level > 0) {
        p = at >>> 3;
        word = ((c[p]! << 24) | (c[p + 1]! << 16) | (c[p + 2]! << 8) | c[p + 3]!) << (at & 7);
        coded |= word >>> (32 - level);
        at += level;
      }
      last = (last + ((coded >>> 1) ^ -(coded & 1))) | 0;
      out[i] = bytesPerPixel === 1 ? last & 255 : (last << wrap) >> wrap;
    }
  }
  if (at > end + 7) throw new FitsError(`Rice: the stream of ${packed.length} bytes is too short`);
}
