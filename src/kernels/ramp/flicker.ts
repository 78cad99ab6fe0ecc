/** Removal of 1/f noise: the median of what isn't a source, line by line along the slow axis (READOUT §17). */
import { medianOf } from "../image/select.js";
import { sortFloats } from "../image/sort.js";
import { bit } from "./segments.js";

export interface FlickerOptions {
  /** Pixels further above the background than this many σ are sources. */
  nSigma: number;
  /** Lines are rows when the slow axis is y (2), columns when it is x (1). */
  slow: 1 | 2;
  /** Parts of equal length of each line that have a level of their own. */
  channels: number;
}

/** 1 where a draft rate shows empty sky. */
export function sceneMask(rate: Float32Array, { nSigma }: Pick<FlickerOptions, "nSigma">): Uint8Array {
  const mask = Uint8Array.from(rate, (value) => (Number.isNaN(value) || value === 0 ? 0 : 1));
  const [least, most] = bounds(sorted(rate.filter((_, p) => mask[p] === 1)), 3, nSigma, false);
  for (let p = 0; p < mask.length; p++) if (rate[p]! < least || rate[p]! > most) mask[p] = 0;
  return mask;
}

/**
 * The rise from one group to a later one, NaN where the scene has a source, the first can't be used or the second carries a
 * bit of `drop`: pixels that say nothing of the noise. `at` and `before` are the first samples of the two groups' rows.
 */
export function emptySky(
  out: Float32Array,
  sci: Float32Array,
  groupdq: Uint8Array | null,
  { at, before }: { at: number; before: number },
  scene: Uint8Array,
  drop: number,
): void {
  for (let p = 0; p < out.length; p++) {
    const flag = groupdq ? (groupdq[at + p]! & drop) | (groupdq[before + p]! & bit.unusable) : 0;
    out[p] = scene[p] === 0 || flag !== 0 ? NaN : sci[at + p]! - sci[before + p]!;
  }
}

/**
 * What each line of an image, or each part of it, lies above the background: the median of its pixels that clipping leaves,
 * [lines][channels]. NaN pixels don't count; a line without any other is left as it is (0).
 */
export function lineLevels(
  image: Float32Array,
  nx: number,
  ny: number,
  { nSigma, slow, channels }: FlickerOptions,
): Float64Array {
  const [lines, whole, along, across] = slow === 2 ? [ny, nx, 1, nx] : [nx, ny, nx, 1];
  const length = whole / channels;
  const levels = new Float64Array(lines * channels);
  const all = sorted(image.filter((value) => value === value));
  if (all.length === 0) return levels;
  const [least, most] = bounds(all, 3, 3, true);
  const sky = all.subarray(firstAbove(all, least), firstBeyond(all, most));
  const background = middle(sky);
  // rounding keeps the order
  const above = sky.map((value) => Math.fround(value - background));
  const [low, high] = bounds(above, nSigma, nSigma, true);
  const values = new Float64Array(length);
  for (let part = 0; part < levels.length; part++) {
    let n = 0;
    const start = Math.floor(part / channels) * across + (part % channels) * length * along;
    for (let k = 0, at = start; k < length; k++, at += along) {
      const value = image[at]!;
      if (!(value >= least && value <= most)) continue;
      const own = Math.fround(value - background);
      if (own >= low && own <= high) values[n++] = own;
    }
    if (n > 0) levels[part] = medianOf(values, n);
  }
  return levels;
}

/** Subtracts from the rows y0… of an image of `height` rows the levels of the frame's lines. */
export function subtractLines(
  plane: Float32Array,
  { nx, y0, height }: { nx: number; y0: number; height: number },
  levels: Float64Array,
  { slow, channels }: Pick<FlickerOptions, "slow" | "channels">,
): void {
  const ny = plane.length / nx;
  const width = (slow === 2 ? nx : height) / channels;
  for (let y = 0, p = 0; y < ny; y++)
    for (let x = 0; x < nx; x++, p++) {
      const [line, along] = slow === 2 ? [y0 + y, x] : [x, y0 + y];
      plane[p]! -= levels[channels === 1 ? line : line * channels + Math.floor(along / width)]!;
    }
}

function sorted(values: Float32Array): Float64Array {
  const out = new Float64Array(values.length);
  sortFloats(out, values, values.length);
  return out;
}

const middle = (values: Float64Array): number => {
  const n = values.length;
  return (n & 1) === 1 ? values[n >> 1]! : (values[n / 2 - 1]! + values[n / 2]!) / 2;
};

/** [centre − low·σ, centre + high·σ] of ascending values; `half` takes σ from those below the centre, mirrored. */
function bounds(values: Float64Array, low: number, high: number, half: boolean): [number, number] {
  let { centre, sigma } = statistics(values);
  if (half)
    ({ centre, sigma } = statistics(mirrored(values.subarray(0, firstBeyond(values, centre)), centre)));
  return [centre - low * sigma, centre + high * sigma];
}

/** Ascending values up to a centre, and their images beyond it. */
function mirrored(lower: Float64Array, centre: number): Float64Array {
  const n = lower.length;
  const both = new Float64Array(2 * n);
  both.set(lower);
  for (let k = 0; k < n; k++) both[2 * n - 1 - k] = 2 * centre - lower[k]!;
  return both;
}

/** Median and standard deviation of ascending values after five rounds of ±3σ clipping about the median. */
function statistics(values: Float64Array): { centre: number; sigma: number } {
  let kept = values;
  for (let round = 0; round < 5 && kept.length > 0; round++) {
    const { centre, sigma } = moments(kept);
    const next = kept.subarray(firstAbove(kept, centre - 3 * sigma), firstBeyond(kept, centre + 3 * sigma));
    if (next.length === kept.length) break;
    kept = next;
  }
  return moments(kept);
}

function moments(values: Float64Array): { centre: number; sigma: number } {
  const n = values.length;
  let sum = 0;
  for (let k = 0; k < n; k++) sum += values[k]!;
  const mean = sum / n;
  let squares = 0;
  for (let k = 0; k < n; k++) squares += (values[k]! - mean) ** 2;
  return { centre: middle(values), sigma: Math.sqrt(squares / n) };
}

/** Place of the first of ascending values that isn't below `least`. */
const firstAbove = (values: Float64Array, least: number): number => search(values, (value) => value >= least);

/** Place of the first beyond `most`. */
const firstBeyond = (values: Float64Array, most: number): number => search(values, (value) => value > most);

function search(values: Float64Array, holds: (value: number) => boolean): number {
  let [from, to] = [0, values.length];
  while (from < to) {
    const at = (from + to) >>> 1;
    if (holds(values[at]!)) to = at;
    else from = at + 1;
  }
  return from;
}
