/** How deep the mosaic goes: scatter of apertures on empty sky against the noise that the observation must have. */
import { apertureSum, circleAndPixel } from "../../../src/kernels/image/apertures.js";
import { clipRun, stdOfRun } from "../../../src/kernels/image/sigma-clip.js";
import { DQ } from "../../../src/data/dq.js";
import { detectorRows, type Window } from "../../../src/instruments/iris/simulator/detector.js";
import { responseRows } from "../../../src/instruments/iris/simulator/optics.js";
import type { Expected } from "./expected.js";
import type { Mosaic } from "./product.js";

/** What the noise of one exposure comes from. */
export interface Sampling {
  reads: number;
  /** Seconds between reads; the first is one `tframe` after the reset. */
  tframe: number;
  /** Sky, starlight and dark current, e⁻/s. */
  flow: number;
  /** One read, rounding included, e⁻. */
  noise: number;
}

/**
 * Variance of the slope of equally weighted reads, (e⁻/s)²: σ_r² Σ w_k² for the reads and
 * f Σ_k t (Σ_{j≥k} w_j)² for the electrons, each of which is in all reads after it.
 */
export function slopeVariance({ reads, tframe, flow, noise }: Sampling): number {
  const middle = (reads - 1) / 2;
  const squares = (reads * (reads * reads - 1)) / 12;
  let [photons, electronics, later] = [0, 0, 0];
  for (let k = reads - 1; k >= 0; k--) {
    const weight = (k - middle) / squares / tframe;
    later += weight;
    if (k > 0) photons += flow * tframe * later * later;
    electronics += noise * noise * weight * weight;
  }
  return photons + electronics;
}

/** What the detectors and the sky give an exposure. */
export interface Observation {
  reads: number;
  tframe: number;
  /** e⁻/s per pixel. */
  sky: number;
  filter: string;
  windows: readonly Window[];
}

/**
 * Variance of one exposure's pixel, (e⁻/s)², calibrated: mean over the windows. The response divides the noise, so that where
 * less light falls there is more; pixels that hardly respond have next to no weight in a mosaic and are left out.
 */
export function pixelVariance({ reads, tframe, sky, filter, windows }: Observation, light: number): number {
  let [sum, pixels] = [0, 0];
  for (const window of windows) {
    const rows = detectorRows(window, 0, window.ny);
    const response = responseRows(window, filter, rows, 0, window.ny);
    for (let i = 0; i < response.length; i++) {
      const [r, gain] = [response[i]!, rows.gain[i]!];
      if (r === 0 || rows.mask[i]! & (DQ.DO_NOT_USE | DQ.LOW_QE)) continue;
      const noise = Math.hypot(rows.noise[i]! * gain, gain / Math.sqrt(12));
      const flow = (sky + light) * r + rows.dark[i]!;
      sum += slopeVariance({ reads, tframe, flow, noise }) / (r * r);
      pixels++;
    }
  }
  return sum / pixels;
}

export interface Depth {
  apertures: number;
  /** Scatter of the empty apertures, and what the noise model says, e⁻/s. */
  measured: number;
  model: number;
}

/** Starlight that a place may have, as a part of the sky, to count as empty. */
const EMPTY = 0.02;

/**
 * Variance of an aperture's sum over frames that lie between the pixels, in units of a pixel's: each frame's pixel counts
 * with the share of the aperture that fell on it.
 */
export function apertureVariance(radius: number, shifts: Expected["shifts"]): number {
  const half = Math.ceil(radius) + 1;
  const share = (x: number, y: number): number => circleAndPixel(x, y, radius);
  let sum = 0;
  for (const [fx, fy] of shifts)
    for (let y = -half; y <= half; y++)
      for (let x = -half; x <= half; x++) {
        const low = share(x, y) * (1 - fx) + share(x + 1, y) * fx;
        const high = share(x, y + 1) * (1 - fx) + share(x + 1, y + 1) * fx;
        sum += (low * (1 - fy) + high * fy) ** 2;
      }
  return sum / shifts.length;
}

/** Deviations beyond which an aperture isn't one of empty sky. */
const CLIP = { sigmaLow: 4, sigmaHigh: 4, iterations: 10, center: "mean", deviation: "std" } as const;

/**
 * Apertures of diameter 2·FWHM (the qa step's) on a grid, over the mean of a ring, where all exposures overlap. They overlap,
 * too: so the scatter is told to 0.6 %, where apertures side by side and a median of deviations told it to 1.6 %.
 * `variance`: of one pixel by the model, all exposures together, with so much starlight on it.
 */
export function measureDepth(
  mosaic: Mosaic,
  { light, frames, shifts }: Expected,
  fwhm: number,
  sky: number,
  variance: (light: number) => number,
): Depth {
  const { nx, ny, sci, bad } = mosaic;
  const full = frames.reduce((most, count) => (count > most ? count : most), 0);
  const [inner, outer] = [2 * fwhm, 4 * fwhm];
  const reach = Math.ceil(outer) + 1;
  const step = Math.ceil(fwhm);
  const excess = new Float32Array(sci.length);
  for (let i = 0; i < sci.length; i++) excess[i] = sci[i]! - light[i]!;
  const image = { nx, ny, sci: excess, err: null, bad };
  const starlight = { nx, ny, sci: light, err: null, bad: null };
  const sums: number[] = [];
  let [area, ringArea, ownLight] = [0, 0, 0];
  for (let y = reach; y < ny - reach; y += step)
    for (let x = reach; x < nx - reach; x += step) {
      const corners = [-reach, reach].flatMap((j) => [-reach, reach].map((i) => (y + j) * nx + x + i));
      if (corners.some((i) => frames[i] !== full) || light[y * nx + x]! > EMPTY * sky) continue;
      const within = apertureSum(image, x, y, fwhm);
      const ring = apertureSum(image, x, y, outer, "exact", inner);
      if (within.badArea > 0) continue;
      [area, ringArea] = [within.area, ring.area];
      sums.push(within.sum - (area / ringArea) * ring.sum);
      ownLight += apertureSum(starlight, x, y, fwhm).sum / area;
    }
  const sorted = Float64Array.from(sums).sort();
  const run = { from: 0, to: sorted.length };
  clipRun(sorted, run, CLIP);
  const pixel = variance(ownLight / sums.length);
  return {
    apertures: sums.length,
    measured: stdOfRun(sorted, run),
    model: Math.sqrt(pixel * (apertureVariance(fwhm, shifts) + (area * area) / ringArea)),
  };
}
