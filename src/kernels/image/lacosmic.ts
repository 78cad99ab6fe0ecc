/**
 * Cosmic rays by Laplacian edge detection (van Dokkum 2001, PASP 113, 1420), in the form of astroscrappy.
 *
 * Values in electrons. All planes are float32, as in the peer: its masks come out to the pixel.
 */
import type { Alloc } from "../alloc.js";
import { convolve, type Kernel } from "./convolve.js";
import { separableMedian, squareMedian } from "./median.js";
import { dilate3, dilate5, laplacian } from "./morphology.js";
import { select } from "./select.js";

export type CleanType = "meanmask" | "medmask" | "median" | "idw";

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
  /** Variance in electrons² when it is known; else the data and the read noise tell. */
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
  const { a, nx, ny } = frame;
  const n = nx * ny;
  const scratch: Scratch = {
    rows: alloc.f32(n),
    noise: alloc.f32(n),
    s: alloc.f32(n),
    t: alloc.f32(n),
    f: alloc.f32(n),
  };
  const variance = alloc.f32(n);
  const mask = alloc.u8(n);
  const candidates = alloc.u8(n);
  const grown = alloc.u8(n);
  initialMask(mask, frame, policy, scratch, grown);
  setVariance(variance, frame, policy.readnoise);
  const { background } = frame;
  if (background) for (let i = 0; i < n; i++) a[i]! -= background[i]!;
  crmask.fill(0);
  let total = 0;
  for (let pass = 0; pass < policy.niter; pass++) {
    significance(scratch, frame, variance, policy);
    fineStructure(scratch, frame, policy, candidates, mask);
    grow(candidates, grown, mask, scratch.s, nx, ny, policy);
    let found = 0;
    for (let i = 0; i < n; i++) {
      found += candidates[i]! & ~crmask[i]!;
      crmask[i]! |= candidates[i]!;
    }
    if (!candidates.includes(1)) break;
    total += found;
    clean(a, variance, crmask, mask, nx, ny, policy.cleantype);
    // Nothing new: another pass would find the same pixels and put the same values in.
    if (found === 0) break;
  }
  if (background) for (let i = 0; i < n; i++) a[i]! += background[i]!;
  return total;
}

interface Scratch {
  rows: Float32Array;
  noise: Float32Array;
  s: Float32Array;
  t: Float32Array;
  f: Float32Array;
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
  grown: Uint8Array,
): void {
  median(t, a, rows, nx, ny, sepmed, 5);
  for (let i = 0; i < a.length; i++) mask[i] = a[i]! >= satlevel && t[i]! > satlevel / 10 ? 1 : 0;
  dilate5(grown, mask, nx, ny);
  dilate5(mask, grown, nx, ny);
  if (!bad) return;
  dilate3(grown, bad, nx, ny);
  for (let i = 0; i < mask.length; i++) mask[i]! |= grown[i]!;
}

/** v − b where a variance is given, else a − b + readnoise²: without the sky, which the noise adds again. */
function setVariance(out: Float32Array, { a, variance, background }: Frame, readnoise: number): void {
  const rn2 = readnoise * readnoise;
  for (let i = 0; i < out.length; i++) {
    const v = variance ? variance[i]! : a[i]! + rn2;
    out[i] = background ? v - background[i]! : v;
  }
}

/** noise = √max(M5(v) + b, 1e-5);  s' = s − M5(s) with s = L/(2·noise). */
function significance(
  { rows, noise, s, t }: Scratch,
  { a, background, nx, ny }: Frame,
  variance: Float32Array,
  { sepmed }: LacosmicPolicy,
): void {
  median(noise, variance, rows, nx, ny, sepmed, 5);
  laplacian(s, a, nx, ny);
  for (let i = 0; i < s.length; i++) {
    const v = background ? noise[i]! + background[i]! : noise[i]!;
    noise[i] = Math.sqrt(v > 1e-5 ? v : 1e-5);
    s[i]! /= 2 * noise[i]!;
  }
  median(t, s, rows, nx, ny, sepmed, 5);
  for (let i = 0; i < s.length; i++) s[i]! -= t[i]!;
}

/** Candidates: s' > sigclip and s'/f > objlim, with f the significance of what is as sharp as a star. */
function fineStructure(
  { rows, noise, s, t, f }: Scratch,
  { a, nx, ny }: Frame,
  { sepmed, psf, sigclip, objlim }: LacosmicPolicy,
  candidates: Uint8Array,
  mask: Uint8Array,
): void {
  if (psf) convolve(f, a, nx, ny, psf);
  else median(f, a, rows, nx, ny, sepmed, 3);
  median(t, f, rows, nx, ny, sepmed, 7);
  for (let i = 0; i < s.length; i++) {
    const structure = Math.fround((f[i]! - t[i]!) / noise[i]!);
    const sharp = Math.fround(s[i]! / (structure > 0.01 ? structure : 0.01));
    candidates[i] = s[i]! > sigclip && !mask[i] && sharp > objlim ? 1 : 0;
  }
}

/** Neighbours of candidates join: first those above sigclip, then those above sigfrac·sigclip. */
function grow(
  candidates: Uint8Array,
  grown: Uint8Array,
  mask: Uint8Array,
  s: Float32Array,
  nx: number,
  ny: number,
  { sigclip, sigfrac }: LacosmicPolicy,
): void {
  for (const limit of [sigclip, sigfrac * sigclip]) {
    dilate3(grown, candidates, nx, ny);
    for (let i = 0; i < s.length; i++) candidates[i] = grown[i]! && !mask[i] && s[i]! > limit ? 1 : 0;
  }
}

/**
 * Replaces the pixels hit, in the data and their variance, by what the good ones of the 5×5 pixels around say. The
 * two outermost rings stay.
 *
 * Where none of them is good, the square grows until one is. The peer takes the median of the whole frame there,
 * which would tie a pixel's value to rows far away.
 */
function clean(
  a: Float32Array,
  variance: Float32Array,
  crmask: Uint8Array,
  mask: Uint8Array,
  nx: number,
  ny: number,
  cleantype: CleanType,
): void {
  for (let y = 2; y < ny - 2; y++)
    for (let x = 2, i = y * nx + 2; x < nx - 2; x++, i++) {
      if (!crmask[i]) continue;
      let n = 0;
      for (let reach = 2; n === 0 && reach <= MAX_REACH; reach++)
        n = goodNeighbours(crmask, mask, x, y, nx, ny, reach);
      if (n === 0) continue;
      a[i] = representative(a, n, cleantype);
      variance[i] = representative(variance, n, cleantype);
    }
}

const MAX_REACH = 6;
const place = new Uint32Array((2 * MAX_REACH + 1) ** 2);
const weight = new Float32Array(place.length);
const near = new Float32Array(place.length);

/** Lists the good pixels within `reach` of (x, y) in `place`, with 1/distance in `weight`. */
function goodNeighbours(
  crmask: Uint8Array,
  mask: Uint8Array,
  x: number,
  y: number,
  nx: number,
  ny: number,
  reach: number,
): number {
  let n = 0;
  for (let v = Math.max(-reach, -y); v <= Math.min(reach, ny - 1 - y); v++)
    for (let u = Math.max(-reach, -x); u <= Math.min(reach, nx - 1 - x); u++) {
      const j = (y + v) * nx + x + u;
      if (crmask[j] || mask[j]) continue;
      place[n] = j;
      weight[n++] = 1 / Math.sqrt(u * u + v * v);
    }
  return n;
}

/** What the first `n` places of a plane say together. */
function representative(plane: Float32Array, n: number, cleantype: CleanType): number {
  if (cleantype === "medmask" || cleantype === "median") {
    for (let k = 0; k < n; k++) near[k] = plane[place[k]!]!;
    // The peer takes the lower of two middle values.
    return select(near, n, (n - 1) >> 1);
  }
  let sum = 0;
  let total = 0;
  for (let k = 0; k < n; k++) {
    const w = cleantype === "idw" ? weight[k]! : 1;
    sum += w * plane[place[k]!]!;
    total += w;
  }
  return sum / total;
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
