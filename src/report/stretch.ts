/** From pixel values to brightness: where black and white lie, and the curve between them. */

export const stretches = ["linear", "sqrt", "power", "asinh", "log"] as const;
export type Stretch = (typeof stretches)[number];

export interface Range {
  low: number;
  high: number;
}

/** Values that black and white are found from. */
const SAMPLES = 50_000;
/** Fraction of the pixels that a curved stretch shows below white. */
const BRIGHT = 0.9995;

/**
 * Black, white, and where an asinh stretch turns from linear to logarithmic, as a fraction of the range.
 *
 * Linear and power: zscale, for the background; a square up to the brightest pixel would leave all else black. The others: black
 * of zscale, white near the brightest pixels, linear over the range of zscale, so that sky and stars are both seen.
 */
export function rangeOf(values: Float32Array, stretch: Stretch): Range & { softening: number } {
  const sample = sampleOf(values);
  const { low, high } = zscaleSorted(sample, 0.25);
  if (stretch === "linear" || stretch === "power" || sample.length === 0) return { low, high, softening: 1 };
  const bright = sample[Math.floor((sample.length - 1) * BRIGHT)]!;
  const white = Math.max(high, bright);
  return { low, high: white, softening: Math.max(0.002, (high - low) / (white - low) / 2) };
}

/**
 * IRAF's zscale: a straight line through the sorted sample, clipped, its slope divided by the contrast, about the
 * median; the whole range when more than half of the sample was rejected. NaN isn't sampled.
 */
export function zscale(values: Float32Array, contrast = 0.25): Range {
  return zscaleSorted(sampleOf(values), contrast);
}

function zscaleSorted(sample: Float64Array, contrast: number): Range {
  const n = sample.length;
  if (n === 0) return { low: 0, high: 1 };
  const [least, most] = [sample[0]!, sample[n - 1]!];
  const median = n & 1 ? sample[n >> 1]! : (sample[(n >> 1) - 1]! + sample[n >> 1]!) / 2;
  const fit = fitLine(sample);
  if (!fit) return widen({ low: least, high: most });
  const slope = fit / contrast;
  const centre = (n - 1) / 2;
  return widen({
    low: Math.max(least, median - centre * slope),
    high: Math.min(most, median + (n - 1 - centre) * slope),
  });
}

/** Good values, evenly taken, ascending. */
function sampleOf(values: Float32Array): Float64Array {
  const step = Math.max(1, Math.floor(values.length / SAMPLES));
  const sample = new Float64Array(Math.ceil(values.length / step));
  let n = 0;
  for (let i = 0; i < values.length; i += step) {
    const v = values[i]!;
    if (v - v === 0) sample[n++] = v;
  }
  return sample.subarray(0, n).sort();
}

/** Values of the sorted sample that a line is laid through. */
const FITTED = 5000;

/** Slope of the sorted sample after five rounds of 2.5 σ clipping; undefined when fewer than half are left. */
function fitLine(sorted: Float64Array): number | undefined {
  const step = Math.max(1, Math.floor(sorted.length / FITTED));
  const n = Math.ceil(sorted.length / step);
  const sample = new Float64Array(n);
  for (let i = 0; i < n; i++) sample[i] = sorted[i * step]!;
  const used = new Uint8Array(n).fill(1);
  let slope = 0;
  let kept = n;
  for (let round = 0; round < 5; round++) {
    let sx = 0;
    let sy = 0;
    let sxx = 0;
    let sxy = 0;
    for (let i = 0; i < n; i++) {
      if (!used[i]) continue;
      sx += i;
      sy += sample[i]!;
      sxx += i * i;
      sxy += i * sample[i]!;
    }
    const determinant = kept * sxx - sx * sx;
    if (determinant === 0) return undefined;
    slope = (kept * sxy - sx * sy) / determinant;
    const offset = (sy - slope * sx) / kept;
    let squares = 0;
    for (let i = 0; i < n; i++) if (used[i]) squares += (sample[i]! - offset - slope * i) ** 2;
    const reach = 2.5 * Math.sqrt(squares / kept);
    let left = 0;
    for (let i = 0; i < n; i++) {
      used[i] = Math.abs(sample[i]! - offset - slope * i) <= reach ? 1 : 0;
      left += used[i]!;
    }
    if (left < Math.max(5, n / 2)) return undefined;
    if (left === kept) break;
    kept = left;
  }
  return slope / step;
}

/** A flat image still needs a black and a white. */
const widen = ({ low, high }: Range): Range =>
  high > low ? { low, high } : { low: low - 0.5, high: low + 0.5 };

/** Brightness 0 … 1 of (v − low)/(high − low), as a table of `size` entries over 0 … 1. */
export function stretchTable(stretch: Stretch, size: number, softening = 0.1): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => curve(stretch, i / (size - 1), softening));
}

/** asinh: linear below `softening`, logarithmic above (Lupton et al. 2004). log: DS9's, with exponent 1000. */
function curve(stretch: Stretch, t: number, softening: number): number {
  if (stretch === "sqrt") return Math.sqrt(t);
  if (stretch === "power") return t * t;
  if (stretch === "asinh") return Math.asinh(t / softening) / Math.asinh(1 / softening);
  if (stretch === "log") return Math.log(1000 * t + 1) / Math.log(1001);
  return t;
}
