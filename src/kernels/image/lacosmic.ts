/**
 * Cosmic rays by Laplacian edge detection (van Dokkum 2001, PASP 113, 1420), in the form of astroscrappy.
 *
 * Values in electrons. All planes are float32, as in the peer: its masks come out to the pixel.
 */
import type { Alloc } from "../alloc.js";
import { cleanHits, MAX_REACH, type CleanType } from "./clean-hits.js";
import { convolve, type Kernel } from "./convolve.js";
import { separableMedian, squareMedian } from "./median.js";
import { dilate3, dilate5 } from "./morphology.js";
import { above, noiseOf, sharpness } from "./sharpness.js";

export interface LacosmicPolicy {
  sigclip: number;
  sigfrac: number;
  objlim: number;
  readnoise: number;
  satlevel: number;
  niter: number;
  /** Separable medians of 5, 7, 9 pixels instead of squares of 3, 5, 7. */
  sepmed: boolean;
  cleantype: CleanType;
  /** Fine structure by convolution with a star profile instead of a median of 3. */
  psf: Kernel | null;
}

export interface Frame {
  /** Electrons; cleaned in place. */
  a: Float32Array;
  /** Variance in electrons² when it is known, cleaned in place; else the data and the read noise tell. */
  variance: Float32Array | null;
  /** Sky that was subtracted before. */
  background: Float32Array | null;
  /** Pixels not to look at. */
  bad: Uint8Array | null;
  nx: number;
  ny: number;
}

/** Fills `crmask` with the pixels hit, cleans them in `frame.a`, and returns how many there are. */
export function lacosmic(crmask: Uint8Array, frame: Frame, policy: LacosmicPolicy, alloc: Alloc): number {
  const { a, background, nx, ny } = frame;
  const n = nx * ny;
  const f32 = (): Float32Array => alloc.f32(n);
  const scratch: Scratch = { rows: f32(), variance: f32(), s: f32(), t: f32(), f: f32(), g: f32() };
  const mask = alloc.u8(n);
  const chosen = alloc.u8(n);
  const candidates = alloc.u32(n);
  const hits = alloc.u32(n);
  initialMask(mask, frame, policy, scratch, crmask, chosen);
  const variance = varianceOf(frame, policy.readnoise, alloc);
  if (background) for (let i = 0; i < n; i++) a[i]! -= background[i]!;
  crmask.fill(0);
  chosen.fill(0);
  let total = 0;
  for (let pass = 0; pass < policy.niter; pass++) {
    significance(scratch, frame, variance, policy);
    const bright = above(candidates, scratch.s, scratch.t, policy.sigclip);
    const sharp = sharperThanStars(candidates, bright, scratch, frame, policy, mask);
    const count = grow(candidates, sharp, chosen, mask, scratch, nx, policy);
    const before = total;
    for (let k = 0; k < count; k++) {
      const i = candidates[k]!;
      if (!crmask[i]) hits[total++] = i;
      crmask[i] = 1;
    }
    if (count === 0) break;
    cleanHits(a, variance, hits.subarray(0, total), crmask, mask, nx, ny, policy.cleantype);
    // Nothing new: another pass would find the same pixels and put the same values in.
    if (total === before) break;
  }
  if (background) for (let i = 0; i < n; i++) a[i]! += background[i]!;
  return total;
}

/** Planes: rows of medians; M5 of the variance; s and M5(s), whose difference is s'; f and M7(f). */
interface Scratch {
  rows: Float32Array;
  variance: Float32Array;
  s: Float32Array;
  t: Float32Array;
  f: Float32Array;
  g: Float32Array;
}

function median(
  out: Float32Array,
  a: Float32Array,
  rows: Float32Array,
  nx: number,
  ny: number,
  sepmed: boolean,
  size: 3 | 5 | 7,
): void {
  if (sepmed) separableMedian(out, a, rows, nx, ny, (size + 2) as 5 | 7 | 9);
  else squareMedian(out, a, nx, ny, size);
}

/** Saturated stars grown twice by 5×5, and what was bad before grown once by 3×3. */
function initialMask(
  mask: Uint8Array,
  { a, bad, nx, ny }: Frame,
  { satlevel, sepmed }: LacosmicPolicy,
  { rows, t }: Scratch,
  saturated: Uint8Array,
  grown: Uint8Array,
): void {
  if (bad) dilate3(mask, bad, nx, ny);
  if (satlevel === Infinity) return;
  median(t, a, rows, nx, ny, sepmed, 5);
  for (let i = 0; i < a.length; i++) saturated[i] = a[i]! >= satlevel && t[i]! > satlevel / 10 ? 1 : 0;
  dilate5(grown, saturated, nx, ny);
  dilate5(saturated, grown, nx, ny);
  for (let i = 0; i < mask.length; i++) mask[i]! |= saturated[i]!;
}

/** v − b where a variance is given, else a − b + readnoise²: without the sky, which the noise adds again. */
function varianceOf({ a, variance, background }: Frame, readnoise: number, alloc: Alloc): Float32Array {
  const out = variance ?? alloc.f32(a.length);
  const rn2 = readnoise * readnoise;
  if (!variance) for (let i = 0; i < out.length; i++) out[i] = a[i]! + rn2;
  if (background) for (let i = 0; i < out.length; i++) out[i]! -= background[i]!;
  return out;
}

/** s = L/(2·noise) and its median, with noise = √max(M5(v) + b, 1e-5). */
function significance(
  { rows, variance, s, t }: Scratch,
  { a, background, nx, ny }: Frame,
  unfiltered: Float32Array,
  { sepmed }: LacosmicPolicy,
): void {
  median(variance, unfiltered, rows, nx, ny, sepmed, 5);
  if (background) for (let i = 0; i < s.length; i++) variance[i]! += background[i]!;
  sharpness(s, a, variance, nx, ny);
  median(t, s, rows, nx, ny, sepmed, 5);
}

/**
 * Keeps those of the first `count` places with s'/f > objlim, where f is the significance of what is as sharp as a star,
 * and returns how many these are.
 */
function sharperThanStars(
  places: Uint32Array,
  count: number,
  { rows, variance, s, t, f, g }: Scratch,
  { a, nx, ny }: Frame,
  { sepmed, psf, objlim }: LacosmicPolicy,
  mask: Uint8Array,
): number {
  if (count === 0) return 0;
  if (psf) convolve(f, a, nx, ny, psf);
  else median(f, a, rows, nx, ny, sepmed, 3);
  median(g, f, rows, nx, ny, sepmed, 7);
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const i = places[k]!;
    const structure = Math.fround((f[i]! - g[i]!) / noiseOf(variance[i]!));
    const sharp = Math.fround(Math.fround(s[i]! - t[i]!) / (structure > 0.01 ? structure : 0.01));
    if (!mask[i] && sharp > objlim) places[kept++] = i;
  }
  return kept;
}

/**
 * Neighbours of the first `count` places join: first those above sigclip, then those above sigfrac·sigclip (not larger).
 * Returns the new count. On the edge of the frame s' is 0, so no place lies there, and each has eight neighbours.
 */
function grow(
  places: Uint32Array,
  count: number,
  chosen: Uint8Array,
  mask: Uint8Array,
  { s, t }: Scratch,
  nx: number,
  { sigclip, sigfrac }: LacosmicPolicy,
): number {
  for (let k = 0; k < count; k++) chosen[places[k]!] = 1;
  let end = count;
  for (const limit of [sigclip, sigfrac * sigclip])
    for (let k = 0, old = end; k < old; k++)
      for (let v = -nx; v <= nx; v += nx)
        for (let u = -1; u <= 1; u++) {
          const i = places[k]! + v + u;
          if (chosen[i] || mask[i] || !(Math.fround(s[i]! - t[i]!) > limit)) continue;
          chosen[i] = 1;
          places[end++] = i;
        }
  for (let k = 0; k < end; k++) chosen[places[k]!] = 0;
  return end;
}

/** Rows of context with which a band gives the same as the whole frame: the reach of one pass, `niter` times. */
export function reachOf({ niter, psf }: Pick<LacosmicPolicy, "niter" | "psf">): number {
  const noise = 3;
  const significance = 1 + noise + 3;
  const structure = Math.max(psf ? psf.size >> 1 : 2, noise) + 4;
  const growth = 2;
  const saturation = 3 + 4;
  return saturation + niter * (Math.max(significance, structure) + growth + MAX_REACH);
}
