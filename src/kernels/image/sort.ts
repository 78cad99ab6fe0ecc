/** Sorting of many float32 values by their bits: three counting passes, whatever the values. */

const BITS = 11;
const BUCKETS = 1 << BITS;

/**
 * Ascending order of `values[0..n)` in `sorted`. No NaN. Bit patterns of floats order like integers once negative
 * ones are inverted and positive ones get the top bit.
 */
export function sortFloats(sorted: Float64Array, values: Float32Array, n: number): void {
  let from = new Uint32Array(n);
  let to = new Uint32Array(n);
  const bits = new Uint32Array(values.buffer, values.byteOffset, n);
  const counts = new Uint32Array(3 * BUCKETS);
  for (let i = 0; i < n; i++) {
    const b = bits[i]!;
    const key = b >>> 31 ? ~b >>> 0 : b | 0x80000000;
    from[i] = key;
    counts[key & (BUCKETS - 1)]!++;
    counts[BUCKETS + ((key >>> BITS) & (BUCKETS - 1))]!++;
    counts[2 * BUCKETS + (key >>> (2 * BITS))]!++;
  }
  for (let pass = 0; pass < 3; pass++) {
    const base = pass * BUCKETS;
    let start = 0;
    for (let k = base; k < base + BUCKETS; k++) {
      const count = counts[k]!;
      counts[k] = start;
      start += count;
    }
    const shift = pass * BITS;
    for (let i = 0; i < n; i++) {
      const key = from[i]!;
      to[counts[base + ((key >>> shift) & (BUCKETS - 1))]!++] = key;
    }
    [from, to] = [to, from];
  }
  for (let i = 0; i < n; i++) {
    const key = from[i]!;
    to[i] = key >>> 31 ? key ^ 0x80000000 : ~key;
  }
  sorted.set(new Float32Array(to.buffer, 0, n));
}
