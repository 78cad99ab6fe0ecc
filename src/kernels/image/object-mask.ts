/** Masks of stars and galaxies: the pixels of what is detected, grown over the wings that are too faint to be. */
import { detect } from "./detect.js";
import type { Source } from "./source.js";
import { TRUNCATED } from "./source.js";
import { subtractStarBackground } from "./star-background.js";

export interface ObjectPolicy {
  /** Threshold in units of the background's scatter, and pixels above it that make an object. */
  nsigma: number;
  minarea: number;
  /** By how many FWHM the pixels of an object grow. */
  grow: number;
  /** Side of the boxes of the background, pixels. */
  box: number;
}

export interface Objects {
  count: number;
  /** Typical width of the brighter ones, pixels. */
  fwhm: number;
}

/** Widths of the brightest so many are looked at. */
const BRIGHTEST = 50;
const NARROWEST = 1.5;
const WIDEST = 20;
const FWHM_PER_SIGMA = 2.3548;

/**
 * Sets `mask` to 1 on the objects of `sci` and leaves it alone elsewhere. `bad`: pixels without a value.
 * Returns null where no background can be told.
 */
export function maskObjects(
  mask: Uint8Array,
  sci: Float32Array,
  bad: Uint8Array,
  nx: number,
  ny: number,
  { nsigma, minarea, grow, box }: ObjectPolicy,
): Objects | null {
  const flat = new Float32Array(nx * ny);
  const background = subtractStarBackground(flat, sci, bad, nx, ny, box, 3);
  if (!background) return null;
  const threshold = nsigma * background.rms;
  if (!(threshold > 0)) return { count: 0, fwhm: NARROWEST };
  // Where light ends matters here, not how many sources share it: nothing is deblended or cleaned.
  const policy = { threshold, minarea, levels: 1, contrast: 1, clean: 0 };
  const sources = detect({ nx, ny, sci: flat, bad }, policy);
  const fwhm = widthOf(sources);
  const own = new Uint8Array(nx * ny);
  for (const { pixels } of sources) for (const p of pixels) own[p] = 1;
  growMask(mask, own, nx, ny, grow * fwhm);
  return { count: sources.length, fwhm };
}

function widthOf(sources: readonly Source[]): number {
  const widths = sources
    .filter(({ flags }) => !(flags & TRUNCATED))
    .sort((a, b) => b.flux - a.flux)
    .slice(0, BRIGHTEST)
    .map(({ a, b }) => FWHM_PER_SIGMA * Math.sqrt(a * b))
    .sort((a, b) => a - b);
  const typical = widths[widths.length >> 1] ?? NARROWEST;
  return Math.min(WIDEST, Math.max(NARROWEST, typical));
}

/** Sets `out` to 1 wherever a pixel of `mask` lies within `radius` pixels. */
export function growMask(out: Uint8Array, mask: Uint8Array, nx: number, ny: number, radius: number): void {
  const reach = Math.floor(radius);
  const half = Array.from({ length: 2 * reach + 1 }, (_, k) =>
    Math.floor(Math.sqrt(radius ** 2 - (k - reach) ** 2)),
  );
  for (let y = 0; y < ny; y++)
    for (let x = 0; x < nx; x++) {
      if (!mask[y * nx + x]) continue;
      const start = x;
      while (x + 1 < nx && mask[y * nx + x + 1]) x++;
      for (let k = Math.max(-reach, -y); k <= reach && y + k < ny; k++) {
        const w = half[k + reach]!;
        const row = (y + k) * nx;
        out.fill(1, row + Math.max(0, start - w), row + Math.min(nx - 1, x + w) + 1);
      }
    }
}

/** The set pixels of a mask as pairs [first, end): a few kilobytes that travel between threads. */
export function runsOf(mask: Uint8Array): Uint32Array {
  const runs: number[] = [];
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    const first = i;
    while (i < mask.length && mask[i]) i++;
    runs.push(first, i);
  }
  return Uint32Array.from(runs);
}

/** Sets `flag` on the runs that fall into the pixels from `first` on. */
export function flagRuns(dq: Uint32Array, runs: Uint32Array, first: number, flag: number): void {
  const end = first + dq.length;
  for (let k = firstRun(runs, first); k < runs.length && runs[k]! < end; k += 2) {
    const last = Math.min(end, runs[k + 1]!) - first;
    for (let i = Math.max(0, runs[k]! - first); i < last; i++) dq[i]! |= flag;
  }
}

/** Index of the first run that ends beyond `pixel`, by bisection. */
function firstRun(runs: Uint32Array, pixel: number): number {
  let low = 0;
  let high = runs.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[2 * middle + 1]! > pixel) high = middle;
    else low = middle + 1;
  }
  return 2 * low;
}

export function countRuns(runs: Uint32Array): number {
  let n = 0;
  for (let k = 0; k < runs.length; k += 2) n += runs[k + 1]! - runs[k]!;
  return n;
}
