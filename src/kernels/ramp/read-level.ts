/** Linearity of groups that average several reads: the correction of an average isn't the average of corrections. */

export interface ReadLevel {
  /** Measured → linear, linear → measured: planes of coefficients. */
  c: Float32Array;
  inverse: Float32Array;
  /** Saturation threshold: reads are capped at 1.2 times that. */
  cap: Float32Array | null;
  /** Numbers of the reads averaged into each group. */
  pattern: readonly (readonly number[])[];
}

const horner = (c: Float32Array, plane: number, i: number, x: number): number => {
  let r = 0;
  for (let at = c.length - plane + i; at >= i; at -= plane) r = r * x + c[at]!;
  return r;
};

/**
 * From a line through the first and last usable groups, linearised as they are, the reads inside each group are
 * predicted, made non-linear by the inverse, shifted so that their mean is the group's value, linearised one by one
 * and averaged. Groups with `saturated` in their flags keep their value; NaN is none.
 */
export function linearizeReads(
  samples: Float32Array,
  flags: Uint8Array | null,
  nints: number,
  ngroups: number,
  plane: number,
  { c, inverse, cap, pattern }: ReadLevel,
  saturated: number,
): void {
  const middle = pattern.map((group) => group.reduce((a, b) => a + b, 0) / group.length);
  // reads are counted from the middle of the first group
  const numbers = pattern.map((group) => Float64Array.from(group, (read) => read - middle[0]!));
  const reads = new Float64Array(Math.max(...pattern.map(({ length }) => length)));
  const there = new Int32Array(ngroups);
  for (let integration = 0; integration < nints; integration++)
    for (let i = 0; i < plane; i++) {
      const start = integration * ngroups * plane + i;
      const isFull = (g: number): boolean => flags !== null && (flags[start + g * plane]! & saturated) !== 0;
      let [count, good] = [0, 0];
      for (let g = 0; g < ngroups; g++) {
        if (Number.isNaN(samples[start + g * plane])) continue;
        there[count++] = g;
        if (!isFull(g)) good++;
      }
      if (count === 0) continue;
      const [from, last] = [there[0]!, there[Math.min(Math.max(good - 1, 2), count) - 1]!];
      const value = (g: number): number => {
        const s = samples[start + g * plane]!;
        return isFull(g) ? s : horner(c, plane, i, s);
      };
      const first = value(from);
      const rate = last > from ? (value(last) - first) / (middle[last]! - middle[from]!) : 0;
      const origin = middle[from]! - middle[0]!;
      for (const g of there.subarray(0, count)) {
        if (isFull(g)) continue;
        const s = samples[start + g * plane]!;
        const own = numbers[g]!;
        const nframes = own.length;
        let mean = 0;
        for (let k = 0; k < nframes; k++) {
          reads[k] = horner(inverse, plane, i, first + rate * (own[k]! - origin));
          mean += reads[k]! / nframes;
        }
        let sum = 0;
        for (let k = 0; k < nframes; k++) {
          let read = reads[k]! + s - mean;
          if (cap) read = Math.min(read, 1.2 * cap[i]!);
          sum += horner(c, plane, i, read);
        }
        samples[start + g * plane] = sum / nframes;
      }
    }
}
