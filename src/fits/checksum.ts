/** DATASUM and CHECKSUM: 32-bit ones' complement sums (FITS 4.0 §4.4.2.7, Appendix J). */

const word = 2 ** 32;

/** Folds the carries of an exact sum back in (end-around); 0 only for 0. */
function fold(sum: number): number {
  let total = sum;
  while (total >= word) total = (total % word) + Math.floor(total / word);
  return total;
}

/** Sum of two partial DATASUMs whose data are cut at a multiple of 4 bytes. */
export const addDatasum = (a: number, b: number): number => fold(a + b);

/**
 * Sum of the big-endian 32-bit words of `bytes`, added to `start`; missing bytes of the last word count as zero.
 */
export function datasum(bytes: Uint8Array, start = 0): number {
  let sum = start;
  const whole = bytes.length & ~3;
  let i = 0;
  while (i < whole) {
    // 65 536 words: byte sums stay below 2^24, their weighted total far below 2^53.
    const end = Math.min(whole, i + 262144);
    let b0 = 0;
    let b1 = 0;
    let b2 = 0;
    let b3 = 0;
    for (; i < end; i += 4) {
      b0 += bytes[i]!;
      b1 += bytes[i + 1]!;
      b2 += bytes[i + 2]!;
      b3 += bytes[i + 3]!;
    }
    sum = fold(sum + b0 * 16777216 + b1 * 65536 + b2 * 256 + b3);
  }
  let rest = 0;
  for (let k = 0; k < bytes.length - whole; k++) rest += bytes[whole + k]! * 2 ** (24 - 8 * k);
  return fold(sum + rest);
}

/** Is this code point one of the punctuation characters that the encoding avoids? */
const isPunctuation = (code: number): boolean => (code >= 58 && code <= 64) || (code >= 91 && code <= 96);

/**
 * The 16 characters for CHECKSUM whose sum makes the HDU add up to all ones, given the sum of the HDU with
 * CHECKSUM = '0000000000000000' (Appendix J).
 */
export function encodeChecksum(sum: number): string {
  const complement = (word - 1 - sum) >>> 0;
  const text = new Array<number>(16);
  for (let byte = 0; byte < 4; byte++) {
    const value = (complement >>> (24 - 8 * byte)) & 255;
    const quotient = (value >> 2) + 48;
    const four = [quotient + (value % 4), quotient, quotient, quotient];
    // Pairs move apart by one until no character is punctuation; their sum stays.
    while (four.some(isPunctuation)) {
      for (const k of [0, 2]) {
        if (isPunctuation(four[k]!) || isPunctuation(four[k + 1]!)) {
          four[k]!++;
          four[k + 1]!--;
        }
      }
    }
    four.forEach((code, k) => (text[4 * k + byte] = code));
  }
  // The string starts at byte 11 of its card, one byte after a word boundary: rotate right by one.
  return String.fromCharCode(text[15]!, ...text.slice(0, 15));
}
