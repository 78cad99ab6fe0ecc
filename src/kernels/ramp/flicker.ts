/** Removal of 1/f noise: the median of what isn't a source, line by line along the slow axis (READOUT §17). */

export interface FlickerOptions {
  /** Pixels further above the background than this many σ are sources. */
  nSigma: number;
  /** Lines are rows when the slow axis is y (2), columns when it is x (1). */
  slow: 1 | 2;
}

/** True where a draft rate shows empty sky. */
export function sceneMask(rate: Float32Array, { nSigma }: FlickerOptions): Uint8Array {
  const mask = Uint8Array.from(rate, (value) => (Number.isNaN(value) || value === 0 ? 0 : 1));
  clip(rate, mask, 3, nSigma, false);
  return mask;
}

/** Cleans one image in place; pixels with mask 0 neither count nor make the background. NaN stays. */
export function cleanImage(
  image: Float32Array,
  nx: number,
  ny: number,
  scene: Uint8Array,
  options: FlickerOptions,
): void {
  const mask = Uint8Array.from(scene);
  const clean = Float32Array.from(image);
  for (let i = 0; i < clean.length; i++)
    if (Number.isNaN(clean[i]!)) {
      clean[i] = 0;
      mask[i] = 0;
    }
  clip(clean, mask, 3, 3, true);
  const background = medianOf(clean, mask);
  const level = Number.isNaN(background) ? 0 : background;
  for (let i = 0; i < clean.length; i++) clean[i]! -= level;
  clip(clean, mask, options.nSigma, options.nSigma, true);
  const [lines, length, along, across] = options.slow === 2 ? [ny, nx, 1, nx] : [nx, ny, nx, 1];
  const values = new Float64Array(length);
  for (let line = 0; line < lines; line++) {
    let n = 0;
    for (let k = 0, at = line * across; k < length; k++, at += along)
      if (mask[at] === 1) values[n++] = clean[at]!;
    const median = n > 0 ? medianSorted(values.subarray(0, n).sort()) : 0;
    for (let k = 0, at = line * across; k < length; k++, at += along) clean[at]! -= median;
  }
  for (let i = 0; i < clean.length; i++) if (!Number.isNaN(image[i]!)) image[i] = clean[i]! + level;
}

const medianSorted = (sorted: Float64Array): number => {
  const n = sorted.length;
  return (n & 1) === 1 ? sorted[n >> 1]! : (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2;
};

const chosen = (image: Float32Array, keep: (i: number) => boolean): Float64Array =>
  Float64Array.from(image.filter((_, i) => keep(i)));

function medianOf(image: Float32Array, mask: Uint8Array): number {
  const values = chosen(image, (i) => mask[i] === 1).sort();
  return values.length > 0 ? medianSorted(values) : NaN;
}

/** Median and standard deviation after five rounds of ±3σ clipping about the median. */
function statistics(values: Float64Array): { centre: number; sigma: number } {
  let sorted = values.sort();
  for (let round = 0; round < 5 && sorted.length > 0; round++) {
    const { centre, sigma } = moments(sorted);
    const kept = sorted.filter((value) => value >= centre - 3 * sigma && value <= centre + 3 * sigma);
    if (kept.length === sorted.length) break;
    sorted = kept;
  }
  return moments(sorted);
}

function moments(sorted: Float64Array): { centre: number; sigma: number } {
  const n = sorted.length;
  let sum = 0;
  for (const value of sorted) sum += value;
  let squares = 0;
  for (const value of sorted) squares += (value - sum / n) ** 2;
  return { centre: medianSorted(sorted), sigma: Math.sqrt(squares / n) };
}

/** Drops from the mask what lies outside [centre − low·σ, centre + high·σ]; `half` takes σ from the lower half, mirrored. */
function clip(image: Float32Array, mask: Uint8Array, low: number, high: number, half: boolean): void {
  const values = chosen(image, (i) => mask[i] === 1);
  if (values.length === 0) return;
  let { centre, sigma } = statistics(values);
  if (half) {
    const lower = values.filter((value) => value <= centre);
    const mirrored = lower.map((value) => 2 * centre - value);
    ({ centre, sigma } = statistics(Float64Array.of(...lower, ...mirrored)));
  }
  for (let i = 0; i < image.length; i++)
    if (mask[i] === 1 && (image[i]! < centre - low * sigma || image[i]! > centre + high * sigma)) mask[i] = 0;
}

export interface RampShape {
  nx: number;
  ny: number;
  nints: number;
  ngroups: number;
}

/**
 * Cleans the difference of each group to the one before and adds them up again; the first group stays. A pixel whose
 * group carries any bit of `drop` doesn't count there.
 */
export function cleanRamp(
  sci: Float32Array,
  groupdq: Uint8Array | null,
  { nx, ny, nints, ngroups }: RampShape,
  scene: Uint8Array,
  drop: number,
  options: FlickerOptions,
): void {
  const n = nx * ny;
  const mask = new Uint8Array(n);
  const before = new Float32Array(n);
  const difference = new Float32Array(n);
  for (let i = 0; i < nints; i++) {
    before.set(sci.subarray(i * ngroups * n, (i * ngroups + 1) * n));
    for (let g = 1; g < ngroups; g++) {
      const at = (i * ngroups + g) * n;
      for (let p = 0; p < n; p++) {
        difference[p] = sci[at + p]! - before[p]!;
        before[p] = sci[at + p]!;
        mask[p] = groupdq && (groupdq[at + p]! & drop) !== 0 ? 0 : scene[p]!;
      }
      cleanImage(difference, nx, ny, mask, options);
      for (let p = 0; p < n; p++) sci[at + p] = sci[at - n + p]! + difference[p]!;
    }
  }
}
