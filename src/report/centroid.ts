/** Where the star near a place is, and how wide: a Gaussian fitted to its pixels. */
import { fitStar } from "../kernels/image/star-fit.js";
import type { Frame } from "./draw.js";
import { isGood } from "./measures.js";

export interface Centroid {
  /** The place that was given, pixels from 1. */
  near: readonly [number, number];
  /** Of the star, pixels from 1; null where no star was found. */
  x: number | null;
  y: number | null;
  /** Above the level around it. */
  peak: number | null;
  level: number | null;
  /** Light of the Gaussian. */
  flux: number | null;
  /** Full widths at half maximum, pixels. */
  major: number | null;
  minor: number | null;
}

/** Pixels from the place to the brightest pixel, from there to the edge of the fit, and the width it begins with. */
const REACH = 6;
const HALF = 8;
const SIGMA = 1.5;
/** Volume of a Gaussian of unit peak and unit full widths: π/(4 ln 2). */
const VOLUME = Math.PI / (4 * Math.LN2);

export function centroidOf(frame: Frame, { x, y }: { x: number; y: number }): Centroid {
  const { nx, ny, sci } = frame;
  const none = { x: null, y: null, peak: null, level: null, flux: null, major: null, minor: null };
  let brightest = -1;
  for (let j = Math.max(0, Math.ceil(y - 1 - REACH)); j <= Math.min(ny - 1, y - 1 + REACH); j++)
    for (let i = Math.max(0, Math.ceil(x - 1 - REACH)); i <= Math.min(nx - 1, x - 1 + REACH); i++) {
      const at = j * nx + i;
      if (isGood(frame, at) && (brightest < 0 || sci[at]! > sci[brightest]!)) brightest = at;
    }
  if (brightest < 0) return { near: [x, y], ...none };
  const bad = frame.dq && Uint8Array.from(frame.dq, (_, i) => (isGood(frame, i) ? 0 : 1));
  const [bx, by] = [brightest % nx, Math.floor(brightest / nx)];
  const star = fitStar({ nx, ny, sci, bad }, bx, by, HALF, SIGMA);
  if (!star) return { near: [x, y], ...none };
  const { peak, level, major, minor } = star;
  const flux = VOLUME * peak * major * minor;
  return { near: [x, y], x: star.x + 1, y: star.y + 1, peak, level, flux, major, minor };
}
