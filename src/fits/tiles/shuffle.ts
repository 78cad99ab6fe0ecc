/** Byte planes: GZIP_2 stores all first bytes of the words, then all second ones … (FITS 4.0 §10.4.2). */

/** Words of `size` bytes taken apart. */
export function shuffle(bytes: Uint8Array, size: number): Uint8Array {
  if (size === 1) return bytes;
  const count = bytes.length / size;
  const out = new Uint8Array(bytes.length);
  for (let plane = 0; plane < size; plane++) {
    const to = plane * count;
    for (let i = 0, from = plane; i < count; i++, from += size) out[to + i] = bytes[from]!;
  }
  return out;
}

/** Words of `size` bytes put together again. */
export function unshuffle(bytes: Uint8Array, size: number): Uint8Array {
  if (size === 1) return bytes;
  const count = Math.floor(bytes.length / size);
  const out = new Uint8Array(bytes.length);
  for (let plane = 0; plane < size; plane++) {
    const from = plane * count;
    for (let i = 0, to = plane; i < count; i++, to += size) out[to] = bytes[from + i]!;
  }
  return out;
}
