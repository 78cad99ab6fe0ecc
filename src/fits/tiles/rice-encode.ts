/** Rice coding, the other way: the split level of each block is chosen from its mean difference. */

const splits: Readonly<Record<number, { levelBits: number; rawLevel: number; rawBits: number }>> = {
  1: { levelBits: 3, rawLevel: 6, rawBits: 8 },
  2: { levelBits: 4, rawLevel: 14, rawBits: 16 },
  4: { levelBits: 5, rawLevel: 25, rawBits: 32 },
};

/** Bits from the most significant end into bytes that were made large enough. */
class BitWriter {
  readonly bytes: Uint8Array;
  #at = 0;
  #word = 0;
  #used = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  /** The low `count` ≤ 24 bits of `value`. */
  write(value: number, count: number): void {
    this.#word = (this.#word << count) | (value & ((1 << count) - 1));
    this.#used += count;
    while (this.#used >= 8) {
      this.#used -= 8;
      this.bytes[this.#at++] = this.#word >>> this.#used;
    }
    this.#word &= (1 << this.#used) - 1;
  }

  zeros(count: number): void {
    for (let left = count; left > 0; left -= 16) this.write(0, Math.min(16, left));
  }

  finish(): Uint8Array {
    if (this.#used > 0) this.write(0, 8 - this.#used);
    return this.bytes.subarray(0, this.#at);
  }
}

/** Packs pixels of `bytesPerPixel` (1, 2 or 4) bytes in blocks of `blockSize`. */
export function encodeRice(pixels: Int32Array, bytesPerPixel: number, blockSize: number): Uint8Array {
  const { levelBits, rawLevel, rawBits } = splits[bytesPerPixel]!;
  const blocks = Math.ceil(pixels.length / blockSize);
  const bits = new BitWriter(pixels.length * bytesPerPixel + blocks * 2 + 16);
  const wrap = 32 - rawBits;
  const writeRaw = (value: number): void => {
    if (rawBits === 32) bits.write(value >>> 16, 16);
    bits.write(value, Math.min(16, rawBits));
  };
  const coded = new Uint32Array(blockSize);
  let last = pixels[0] ?? 0;
  writeRaw(last);
  for (let start = 0; start < pixels.length; start += blockSize) {
    const count = Math.min(blockSize, pixels.length - start);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const pixel = pixels[start + i]!;
      const difference = ((pixel - last) << wrap) >> wrap;
      last = pixel;
      coded[i] = difference < 0 ? ~(2 * difference) : 2 * difference;
      sum += coded[i]!;
    }
    const mean = Math.max(0, (sum - count / 2 - 1) / count);
    let level = 0;
    for (let rest = Math.floor(mean) >>> 1; rest > 0; rest >>>= 1) level++;
    if (level >= rawLevel) {
      bits.write(rawLevel + 1, levelBits);
      for (let i = 0; i < count; i++) writeRaw(coded[i]!);
    } else if (level === 0 && sum === 0) bits.write(0, levelBits);
    else {
      bits.write(level + 1, levelBits);
      for (let i = 0; i < count; i++) {
        const value = coded[i]!;
        bits.zeros(value >>> level);
        bits.write(1, 1);
        if (level > 16) bits.write(value >>> 16, level - 16);
        if (level > 0) bits.write(value, Math.min(16, level));
      }
    }
  }
  return bits.finish();
}
