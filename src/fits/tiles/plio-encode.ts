/** IRAF's line lists, the other way: runs of zeros and of one value, steps between values (FITS 4.0 §10.4.3). */

/** Values that fit a line list: 24 bits, none negative. */
export const fitsPlio = (pixels: ArrayLike<number>): boolean => {
  for (let i = 0; i < pixels.length; i++) if (!(pixels[i]! >= 0 && pixels[i]! < 2 ** 24)) return false;
  return true;
};

const longest = 4095;
const headerWords = 7;

/** Words of the list, big-endian; `pixels` must pass `fitsPlio`. */
export function encodePlio(pixels: Int32Array): Uint8Array {
  const words: number[] = [];
  let current = 1;
  /** Makes `value` the current one, by a step where it is small. */
  const change = (value: number): void => {
    const step = value - current;
    if (step === 0) return;
    if (Math.abs(step) <= longest) words.push((step > 0 ? 2 : 3) * 4096 + Math.abs(step));
    else words.push(4096 + (value & 4095), value >> 12);
    current = value;
  };
  for (let i = 0; i < pixels.length;) {
    const value = pixels[i]!;
    let end = i + 1;
    while (end < pixels.length && pixels[end] === value) end++;
    if (value !== 0) change(value);
    for (let left = end - i; left > 0; left -= longest) {
      words.push((value === 0 ? 0 : 4) * 4096 + Math.min(left, longest));
    }
    i = end;
  }
  const length = headerWords + words.length;
  const all = [0, headerWords, -100, length % 32768, Math.floor(length / 32768), 0, 0, ...words];
  const bytes = new Uint8Array(2 * all.length);
  const view = new DataView(bytes.buffer);
  all.forEach((word, i) => {
    view.setInt16(2 * i, word);
  });
  return bytes;
}
