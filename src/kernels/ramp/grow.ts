/** Spreads a flag to the neighbours of the pixels that carry it. */

/** Writes the indices of the pixels with `bit`, or any of several, into `list`, ascending; gives their number. */
export function pixelsWith(list: Uint32Array, flags: Uint8Array, bit: number): number {
  let count = 0;
  let i = 0;
  if (flags.byteOffset % 4 === 0) {
    // four at a time: few pixels have any
    const words = new Uint32Array(flags.buffer, flags.byteOffset, flags.length >> 2);
    const four = bit * 0x01010101;
    for (let w = 0; w < words.length; w++)
      if ((words[w]! & four) !== 0)
        for (let k = 4 * w; k < 4 * w + 4; k++) if ((flags[k]! & bit) !== 0) list[count++] = k;
    i = 4 * words.length;
  }
  for (; i < flags.length; i++) if ((flags[i]! & bit) !== 0) list[count++] = i;
  return count;
}

/** Sets `bit` in the box of ±n pixels around each of the `count` pixels of `list`, cut at the edges. */
export function growFlag(
  flags: Uint8Array,
  nx: number,
  ny: number,
  list: Uint32Array,
  count: number,
  n: number,
  bit: number,
): void {
  for (let j = 0; j < count; j++) {
    const p = list[j]!;
    const x = p % nx;
    const y = (p - x) / nx;
    const [x0, x1] = [Math.max(0, x - n), Math.min(nx - 1, x + n)];
    const y1 = Math.min(ny - 1, y + n);
    for (let row = Math.max(0, y - n); row <= y1; row++)
      for (let at = row * nx + x0; at <= row * nx + x1; at++) flags[at]! |= bit;
  }
}
